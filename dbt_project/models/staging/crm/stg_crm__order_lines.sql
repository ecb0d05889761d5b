-- a line has no date of its own: it is dated, and waits, with its order
select
    order_line_id,
    order_id,
    product_id,
    product_name,
    product_category,
    quantity,
    unit_price,
    coalesce(revenue, cast(quantity * unit_price as decimal(18, 4))) as revenue,
    quantity_returned

from (

    {{ spelled('crm', 'order_lines', '(' ~ current_version('crm', 'order_lines') ~ ')') }}

) as order_lines
