with left_stages as (

    select
        left_on as date_day,
        stage,
        rep,
        sum({{ dbt.datediff('entered_on', 'left_on', 'day') | trim }}) as numerator,
        count(*) as denominator

    from {{ ref('stage_changes') }}

    where left_on >= entered_on

    group by all

)

{{ add_up('left_stages', ['stage', 'rep']) }}
