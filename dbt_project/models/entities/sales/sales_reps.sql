-- One row per sales rep, under the code that may be published.

select
    rep_id as rep,
    team,
    region,
    active_from,
    -- the last day, while it has not been: empty
    active_to

from {{ ref('stg_crm__sales_reps') }}
