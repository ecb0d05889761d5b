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

ranks_by_period as (

    select
        period_days.period_grain,
        period_days.period_start,
        ranks_by_member.dimension,
        ranks_by_member.member,
        ranks_by_member.rank,
        row_number() over (
            partition by
                period_days.period_grain,
                period_days.period_start,
                ranks_by_member.dimension,
                ranks_by_member.member,
                ranks_by_member.provider
            order by ranks_by_member.ranked_on desc
        ) as age

    from ranks_by_member

    inner join {{ ref('period_days') }} as period_days
        on ranks_by_member.ranked_on = period_days.date_day

)

-- over 1, so that a period in which nobody ranked us has no value, and no rank of 0
select
    period_grain,
    period_start,
    dimension,
    member,
    min(rank) as numerator,
    1 as denominator

from ranks_by_period

where age = 1

group by
    period_grain,
    period_start,
    dimension,
    member
