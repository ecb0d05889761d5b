-- One order over several rows: what belongs to the order stands on the first. The cart has a product once, however often
-- it was put there, but for some orders that were edited: there half of it is a second line that is like the first.
with lines as (
    select
        order_id,
        product_id,
        product_name,
        product_category,
        unit_price,
        min(order_line_id) as first_line_id,
        sum(quantity) as quantity,
        sum(revenue) as revenue,
        sum(quantity_returned) as quantity_returned
    from order_lines
    group by
        order_id,
        product_id,
        product_name,
        product_category,
        unit_price
),

edited as (
    select
        *,
        case
            when quantity % 2 != 0 or quantity_returned % 2 != 0 or revenue * 50 != floor(revenue * 50) then 1
            when dice('edited order', order_id) % 5 = 0 then 2
            else 1
        end as times
    from lines
),

halved as (
    select
        * exclude (times) replace (
            quantity / times as quantity,
            revenue / times as revenue,
            quantity_returned / times as quantity_returned
        ),
        unnest(range(times)) as half
    from edited
),

numbered as (
    select
        rows.*,
        halved.* exclude (order_id, revenue),
        halved.revenue as line_revenue,
        row_number() over (partition by halved.order_id order by first_line_id, half) = 1 as is_first
    from rows
    inner join halved
        on rows.order_id = halved.order_id
)

select
    order_id as "Name",
    case when customer_id is not null then lower(customer_id) || '@mail.example' end as "Email",
    case
        when is_first then case status
            when 'completed' then 'paid'
            when 'returned' then 'refunded'
            when 'cancelled' then 'voided'
            else status
        end
    end as "Financial Status",
    case when is_first and status = 'completed' then strftime(ordered_at, '%Y-%m-%d %H:%M:%S +0000') end as "Paid at",
    case when is_first and status = 'completed' then 'fulfilled' end as "Fulfillment Status",
    case when is_first then 'no' end as "Accepts Marketing",
    case when is_first then 'USD' end as "Currency",
    case when is_first then cast(revenue as double) end as "Subtotal",
    case when is_first then 0.0 end as "Shipping",
    case when is_first then 0.0 end as "Taxes",
    case when is_first then cast(revenue as double) end as "Total",
    null as "Discount Code",
    case when is_first then cast(discount as double) end as "Discount Amount",
    -- the clock of the shop, which stands in Tehran
    case when is_first then strftime(ordered_at + interval 210 minutes, '%Y-%m-%d %H:%M:%S +0330') end as "Created at",
    cast(quantity as integer) as "Lineitem quantity",
    product_name as "Lineitem name",
    cast(unit_price as double) as "Lineitem price",
    product_id as "Lineitem sku",
    true as "Lineitem requires shipping",
    'fulfilled' as "Lineitem fulfillment status",
    null as "Billing Name",
    null as "Billing Street",
    null as "Shipping Name",
    null as "Shipping Street",
    case when is_first then region end as "Shipping Province",
    case when is_first then 'IR' end as "Shipping Country",
    null as "Notes",
    case when is_first then strftime(cancelled_on, '%Y-%m-%d 12:00:00 +0330') end as "Cancelled at",
    'SarvCafé' as "Vendor",
    null as "Tags",
    case when is_first then 'web' end as "Source",
    null as "Phone",
    case when is_first then customer_id end as "Customer ID",
    case when is_first then channel end as "Channel",
    case when is_first then cast(cost as double) end as "Cost",
    case when is_first then campaign end as "Campaign",
    case when is_first then sale_type end as "Sale type",
    product_category as "Lineitem product type",
    cast(line_revenue as double) as "Lineitem total",
    cast(quantity_returned as integer) as "Lineitem refunded quantity"
from numbered
order by ordered_at, order_id, is_first desc, first_line_id, half
