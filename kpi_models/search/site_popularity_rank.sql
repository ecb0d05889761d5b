with site_ranks as (

    select
        ranked_on,
        provider,
        rank

    from {{ ref('site_ranks') }}

),

-- the largest provider is the one that ranks us best
ranks_by_member as (

    {{ by_member('site_ranks', ['provider'], day='ranked_on', size='1.0 / min(rank)') }}

),

latest_ranks as (

    select
        period_days.period_grain,
        period_days.period_start,
        ranks.dimension,
        ranks.member,
        ranks.provider,
        max_by(ranks.rank, ranks.ranked_on) as rank

    from ranks_by_member as ranks

    inner join {{ ref('period_days') }} as period_days
        on ranks.ranked_on = period_days.date_day

    group by all

)

-- over 1, so that a period in which nobody ranked us has no value, and no rank of 0
select
    period_grain,
    period_start,
    dimension,
    member,
    min(rank) as numerator,
    1 as denominator

from latest_ranks

group by all
