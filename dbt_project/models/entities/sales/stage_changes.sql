-- One row per stay of an opportunity in a stage. A tool that writes a row for every change of the opportunity repeats
-- its stage; rows of one stage that follow each other are one stay. A change of an opportunity that is not known waits
-- for it.

with changes as (

    select
        opportunity_id,
        stage,
        entered_at,
        entered_on,
        -- a tool that does not say when a stage was left says when the next one was entered
        coalesce(left_on, lead(entered_on) over (partition by opportunity_id order by entered_at, stage)) as left_on,
        lag(stage) over (partition by opportunity_id order by entered_at, stage) as previous_stage
    from {{ ref('stg_crm__opportunity_stage_changes') }}

),

numbered as (

    select
        opportunity_id,
        stage,
        entered_on,
        left_on,
        sum(case when stage = previous_stage then 0 else 1 end) over (
            partition by opportunity_id
            order by entered_at, stage
            rows between unbounded preceding and current row
        ) as stage_number
    from changes

),

stays as (

    select
        opportunity_id,
        stage_number,
        stage,
        min(entered_on) as entered_on,
        -- still in it while one of its rows has not been left
        case when count(*) = count(left_on) then max(left_on) end as left_on
    from numbered
    group by
        opportunity_id,
        stage_number,
        stage

)

select
    stays.opportunity_id,
    stays.stage_number,
    stays.stage,
    stays.entered_on,
    -- a stage that nobody left before the opportunity closed in another one was left by closing; one that was entered
    -- by closing was not, whatever another tool calls it
    case
        when
            stays.left_on is null
            and stays.stage <> opportunities.stage
            and stays.entered_on < opportunities.closed_on
            then opportunities.closed_on
        else stays.left_on
    end as left_on,
    opportunities.rep

from stays

inner join {{ ref('opportunities') }} as opportunities
    on stays.opportunity_id = opportunities.opportunity_id
