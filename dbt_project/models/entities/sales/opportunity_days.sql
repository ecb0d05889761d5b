-- One row per day, stage, rep and score: the opportunities that are open after that day. Built from the days on which
-- an opportunity is created, closed, or changes its stage or score, so that its size follows the calendar.

with opportunities as (

    select
        opportunity_id,
        rep,
        stage,
        amount,
        created_on,
        closed_on,
        coalesce(closed_on, date '9999-12-31') as open_until

    from {{ ref('opportunities') }}

    -- won or lost on a day that nobody noted: it cannot be said until when it was open
    where
        outcome = 'open'
        or closed_on is not null

),

stage_changes as (

    select
        opportunity_id,
        stage_number,
        stage,
        entered_on,
        coalesce(
            lead(entered_on) over (partition by opportunity_id order by stage_number), date '9999-12-31'
        ) as next_entered_on

    from {{ ref('stage_changes') }}

),

staged as (

    -- an opportunity begins in its first stage; without a history it is in the one that it has now, and nobody knows in
    -- which one it was before it closed
    select
        opportunities.opportunity_id,
        case
            when stage_changes.opportunity_id is not null then stage_changes.stage
            when opportunities.closed_on is null then opportunities.stage
        end as stage,
        case when stage_changes.stage_number > 1 then stage_changes.entered_on else opportunities.created_on end
            as staged_from,
        coalesce(stage_changes.next_entered_on, date '9999-12-31') as staged_until

    from opportunities

    left join stage_changes
        on opportunities.opportunity_id = stage_changes.opportunity_id

),

states as (

    select
        opportunities.rep,
        staged.stage,
        scores.score,
        coalesce(opportunities.amount, 0) as amount,
        greatest(opportunities.created_on, staged.staged_from, scores.scored_from) as state_from,
        least(opportunities.open_until, staged.staged_until, scores.scored_until) as state_until

    from opportunities

    inner join staged
        on opportunities.opportunity_id = staged.opportunity_id

    inner join {{ ref('opportunity_scores') }} as scores
        on opportunities.opportunity_id = scores.opportunity_id

),

changes as (

    select
        state_from as changed_on,
        stage,
        rep,
        cast(round(score) as integer) as score_point,
        1 as opportunities,
        amount,
        score as points
    from states
    where state_from < state_until

    union all

    select
        state_until as changed_on,
        stage,
        rep,
        cast(round(score) as integer) as score_point,
        -1 as opportunities,
        -amount as amount,
        -score as points
    from states
    where state_from < state_until

),

changes_by_day as (

    select
        changed_on,
        stage,
        rep,
        score_point,
        sum(opportunities) as opportunities,
        sum(amount) as amount,
        sum(points) as points
    from changes
    group by
        changed_on,
        stage,
        rep,
        score_point

),

running as (

    select
        changed_on,
        stage,
        rep,
        score_point,
        sum(opportunities) over by_kind as opportunities,
        sum(amount) over by_kind as amount,
        sum(points) over by_kind as points,
        lead(changed_on) over by_kind as next_change_on
    from changes_by_day
    window by_kind as (partition by stage, rep, score_point order by changed_on)

)

select
    calendar.date_day as open_on,
    running.stage,
    running.rep,
    running.score_point,
    running.opportunities,
    running.amount,
    running.points

from running

inner join {{ source('settings', 'calendar') }} as calendar
    on running.changed_on <= calendar.date_day
    and running.next_change_on > calendar.date_day

where
    running.opportunities > 0
    and calendar.date_day <= (select as_of from {{ source('settings', 'run') }})
