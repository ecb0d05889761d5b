with leads as (

    select
        created_on as date_day,
        source,
        rep,
        count_if(became_opportunity) as numerator,
        count(*) as denominator

    from {{ ref('lead_outcomes') }}

    group by all

)

-- a lead is created once: cohorts of days add up to those of longer periods
{{ add_up('leads', ['source', 'rep']) }}
