with emails as (

    select
        delivered_on,
        campaign,
        is_clicked

    from {{ ref('emails') }}

),

emails_by_member as (

    {{ by_member('emails', ['campaign'], day='delivered_on', size='count(*)') }}

),

daily as (

    select
        delivered_on as date_day,
        dimension,
        member,
        count_if(is_clicked) as numerator,
        count(*) as denominator

    from emails_by_member

    group by
        delivered_on,
        dimension,
        member

)

{{ add_up_days('daily') }}
