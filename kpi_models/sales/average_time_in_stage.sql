with left_stages as (

    select
        left_on,
        stage,
        rep,
        {{ dbt.datediff('entered_on', 'left_on', 'day') | trim }} as days_in_stage

    from {{ ref('stage_changes') }}

    where left_on >= entered_on

),

left_stages_by_member as (

    {{ by_member('left_stages', ['stage', 'rep'], day='left_on', size='count(*)') }}

),

daily as (

    select
        left_on as date_day,
        dimension,
        member,
        sum(days_in_stage) as numerator,
        count(*) as denominator

    from left_stages_by_member

    group by
        left_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
