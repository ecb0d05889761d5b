-- Google Analytics 4, exported to BigQuery: what an event says stands in a list of keys and values. BigQuery writes whole
-- numbers as text in JSON and as numbers in Parquet: int64 is set for the one or the other.
select
    strftime(event_at, '%Y%m%d') as event_date,
    int64(epoch_us(event_at)) as event_timestamp,
    event_name,
    list_filter(
        [
            {
                'key': 'ga_session_id',
                'value': {
                    'string_value': cast(null as varchar),
                    -- a number per visitor; visits that ended in an order are numbered apart
                    'int_value': int64(
                        cast(regexp_extract(session_id, '[0-9]+$') as bigint)
                        + case when contains(session_id, '-O') then 1800000000 else 1700000000 end
                    ),
                    'float_value': cast(null as double),
                    'double_value': cast(null as double)
                }
            },
            {
                'key': 'page_location',
                'value': {
                    'string_value': 'https://sarvcafe.example' || page,
                    'int_value': int64(null),
                    'float_value': null,
                    'double_value': null
                }
            },
            {
                'key': 'page_path',
                'value': {'string_value': page, 'int_value': int64(null), 'float_value': null, 'double_value': null}
            },
            {
                'key': 'engagement_time_msec',
                'value': {
                    'string_value': null,
                    'int_value': int64(engagement_seconds * 1000),
                    'float_value': null,
                    'double_value': null
                }
            },
            {
                'key': 'value',
                'value': {
                    'string_value': null,
                    'int_value': int64(null),
                    'float_value': null,
                    'double_value': cast(event_value as double)
                }
            }
        ],
        lambda parameter: coalesce(
            parameter.value.string_value,
            cast(parameter.value.int_value as varchar),
            cast(parameter.value.double_value as varchar)
        ) is not null
    ) as event_params,
    visitor_id as user_pseudo_id,
    {'category': device} as device,
    {'country': country_name(country)} as geo,
    {
        'purchase_revenue': case when event_name = 'purchase' then cast(event_value as double) end,
        'transaction_id': transaction_id
    } as ecommerce,
    {
        'cross_channel_campaign': {
            'source': source,
            'medium': medium,
            'campaign_name': coalesce(campaign, '(not set)'),
            'default_channel_group': case channel
                when 'direct' then 'Direct'
                when 'email' then 'Email'
                when 'organic_search' then 'Organic Search'
                when 'organic_social' then 'Organic Social'
                when 'paid_search' then 'Paid Search'
                when 'paid_social' then 'Paid Social'
                when 'referral' then 'Referral'
                else channel
            end
        },
        'manual_campaign': {'term': coalesce(keyword, '(not set)')}
    } as session_traffic_source_last_click
from rows
order by event_at, event_id
