-- One row per opportunity and span of days with one score: the score of the export, where it gives one from 1 to 5.
-- Where it gives none, the score of a day is 1 and one point more for each of
--   stage     a proposal has been sent by that day,
--   amount    it is larger than the average of the opportunities that were created before it,
--   age       it is younger than 90 days,
--   activity  a completed activity with the buyer lies less than 30 days back.
-- The rule looks at nothing that came later, so that the score of a past day stays what it was.

with opportunities as (

    select
        opportunity_id,
        created_on,
        proposal_sent_on,
        -- what is outside the scale is no score
        case when score between 1 and 5 then cast(score as decimal(18, 4)) end as given_score,
        cast({{ dbt.dateadd('day', 90, 'created_on') }} as date) as young_until,
        amount > avg(amount) over (
            order by created_on, opportunity_id
            rows between unbounded preceding and 1 preceding
        ) as is_large
    from {{ ref('stg_crm__opportunities') }}

),

activities as (

    select
        opportunity_id,
        held_on as warm_from,
        cast({{ dbt.dateadd('day', 30, 'held_on') }} as date) as warm_until
    from {{ ref('stg_crm__activities') }}
    where status = 'completed'

),

given_scores as (

    select
        opportunity_id,
        created_on as scored_from,
        date '9999-12-31' as scored_until,
        given_score as score
    from opportunities
    where given_score is not null

),

unscored as (

    select * from opportunities
    where given_score is null

),

-- the days on which a point is won or lost
edges as (

    select
        opportunity_id,
        created_on as edge_on
    from unscored

    union

    select
        opportunity_id,
        proposal_sent_on as edge_on
    from unscored
    where proposal_sent_on > created_on

    union

    select
        opportunity_id,
        young_until as edge_on
    from unscored

    union

    select
        activities.opportunity_id,
        activities.warm_from as edge_on
    from activities
    inner join unscored
        on activities.opportunity_id = unscored.opportunity_id
        and activities.warm_from > unscored.created_on

    union

    select
        activities.opportunity_id,
        activities.warm_until as edge_on
    from activities
    inner join unscored
        on activities.opportunity_id = unscored.opportunity_id
        and activities.warm_until > unscored.created_on

),

spans as (

    select
        opportunity_id,
        edge_on as scored_from,
        coalesce(lead(edge_on) over (partition by opportunity_id order by edge_on), date '9999-12-31') as scored_until
    from edges
    where edge_on <= (select as_of from {{ source('settings', 'run') }})

),

warm_spans as (

    select distinct
        spans.opportunity_id,
        spans.scored_from

    from spans

    inner join activities
        on spans.opportunity_id = activities.opportunity_id
        and spans.scored_from >= activities.warm_from
        and spans.scored_from < activities.warm_until

),

computed_scores as (

    select
        spans.opportunity_id,
        spans.scored_from,
        spans.scored_until,
        cast(
            1
            + case when unscored.proposal_sent_on <= spans.scored_from then 1 else 0 end
            + case when unscored.is_large then 1 else 0 end
            + case when spans.scored_from < unscored.young_until then 1 else 0 end
            + case when warm_spans.opportunity_id is not null then 1 else 0 end
            as decimal(18, 4)
        ) as score

    from spans

    inner join unscored
        on spans.opportunity_id = unscored.opportunity_id

    left join warm_spans
        on spans.opportunity_id = warm_spans.opportunity_id
        and spans.scored_from = warm_spans.scored_from

)

select * from given_scores

union all

select * from computed_scores
