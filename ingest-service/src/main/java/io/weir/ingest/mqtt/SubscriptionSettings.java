package io.weir.ingest.mqtt;

import static io.weir.ingest.mqtt.Requirements.require;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.Precision;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One subscription; {@code weir.mqtt.subscriptions[n].*}.
 *
 * @param topic segments, each a word, {@code +}, {@code {database}}, {@code {measurement}} or {@code {tag:name}}; the last
 *     may be {@code #}
 * @param database database of the rows, unless the topic gives it; default {@code default}
 * @param measurement measurement of the rows, in place of what the payload says; default none
 * @param tags tags that every row gets; default none
 * @param format {@code line-protocol}, {@code json} or {@code message-pack}; default line-protocol
 * @param precision unit of timestamps that are numbers: auto, ns, us, ms or s; default auto, by magnitude
 * @param qos quality of service asked for, 0, 1 or 2; default 1
 * @param jsonTime key of a JSON object's timestamp; default {@code time}
 * @param jsonTags keys of a JSON object that are tags, not fields; default none
 */
public record SubscriptionSettings(
        String topic,
        @Nullable String database,
        @Nullable String measurement,
        @DefaultValue Map<String, String> tags,
        @DefaultValue("line-protocol") PayloadFormat format,
        @DefaultValue("auto") String precision,
        @DefaultValue("1") int qos,
        @DefaultValue("time") String jsonTime,
        @DefaultValue List<String> jsonTags) {

    public SubscriptionSettings {
        tags = Map.copyOf(tags);
        jsonTags = List.copyOf(jsonTags);
    }

    /** Line protocol in the default database, from that topic. */
    static SubscriptionSettings of(String topic, PayloadFormat format) {
        return new SubscriptionSettings(topic, null, null, Map.of(), format, "auto", 1, "time", List.of());
    }

    /** Unit of timestamps that are numbers. */
    Precision unit() {
        return Precision.ofV3(precision);
    }

    /** The pattern of the topic, once everything is found valid; {@code key} names this subscription in messages. */
    TopicPattern check(String key) {
        TopicPattern pattern;
        try {
            pattern = TopicPattern.parse(topic);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("weir.mqtt." + key + ".topic: " + e.getMessage(), e);
        }
        require(
                database == null || !pattern.capturesDatabase(),
                key + ".database",
                database,
                "nothing, because the topic has {database}");
        require(
                measurement == null || !pattern.capturesMeasurement(),
                key + ".measurement",
                measurement,
                "nothing, because the topic has {measurement}");
        if (database != null) {
            named(key + ".database", database, Names::requireDatabase);
        }
        if (measurement != null) {
            require(Names.measurementFault(measurement) == null, key + ".measurement", measurement, "a valid name");
        }
        tags.forEach((name, value) -> {
            require(TopicRoute.tagFault(name, value) == null, key + ".tags." + name, value, "a valid tag");
            require(!pattern.tagNames().contains(name), key + ".tags." + name, value, "a tag the topic does not give");
        });
        for (String name : jsonTags) {
            boolean free = Names.nameFault("tag", name) == null
                    && !tags.containsKey(name)
                    && !pattern.tagNames().contains(name)
                    && !name.equals(jsonTime)
                    && !name.equals(MeasurementSchema.TIME)
                    && !name.equals(MeasurementSchema.TIME_NANOS);
            require(free, key + ".json-tags", name, "valid names that are neither another tag's nor the time's");
        }
        require(qos >= 0 && qos <= 2, key + ".qos", qos, "0, 1 or 2");
        require(!jsonTime.isEmpty(), key + ".json-time", "empty", "a key");
        named(key + ".precision", precision, Precision::ofV3);
        return pattern;
    }

    private static void named(String key, String value, java.util.function.Consumer<String> check) {
        try {
            check.accept(value);
        } catch (WeirException e) {
            throw new IllegalArgumentException("weir.mqtt." + key + ": " + e.detail(), e);
        }
    }
}
