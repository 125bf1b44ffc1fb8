package io.weir.ingest.mqtt;

import io.weir.ingest.decode.LinePrefix;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the rows of a message go, and how its payload is read: its topic, understood. Immutable.
 *
 * @param subscription what the topic matched
 * @param database valid name
 * @param measurement valid name, in place of what the payload says; null for the payload's own
 * @param tags valid tags that every row gets
 * @param lines the same for payloads in line protocol
 */
record MessageTarget(
        SubscriptionSettings subscription,
        String database,
        @Nullable String measurement,
        Map<String, String> tags,
        LinePrefix lines) {}
