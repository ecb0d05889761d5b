with mentions as (

    select
        mentioned_on,
        kind,
        outlet,
        sentiment,
        campaign

    from {{ ref('mentions') }}

),

mentions_by_member as (

    {{ by_member('mentions', ['kind', 'outlet', 'sentiment', 'campaign'], day='mentioned_on', size='count(*)') }}

),

daily as (

    select
        mentioned_on as date_day,
        dimension,
        member,
        count(*) as numerator,
        cast(null as bigint) as denominator

    from mentions_by_member

    group by
        mentioned_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
