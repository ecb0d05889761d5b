with customers as (

    {{ known_rows('crm', 'customers') }}

)

-- a customer need not carry a date; one who was created after as_of is still to come
select
    customer_id,
    {{ business_day('created_at') }} as created_on,
    segment,
    channel,
    country,
    is_key_account

from customers
