package io.weir.ingest.mqtt;

import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.LinePrefix;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One subscription and what its topics mean. Topics come from strangers: every name they give is checked. Thread-safe. */
final class TopicRoute {

    /** Longest tag value taken from a topic. */
    private static final int MAX_VALUE_BYTES = 1_024;

    private final SubscriptionSettings subscription;
    private final TopicPattern pattern;

    TopicRoute(SubscriptionSettings subscription) {
        this.subscription = subscription;
        this.pattern = TopicPattern.parse(subscription.topic());
    }

    SubscriptionSettings subscription() {
        return subscription;
    }

    /** What the broker is asked for. */
    String filter() {
        return pattern.filter();
    }

    /**
     * Where messages of that topic go; null when it is not of this subscription.
     *
     * @throws RejectedMessage when a segment cannot be what the pattern says it is
     */
    @Nullable
    MessageTarget target(String topic) {
        TopicPattern.Captures captures = pattern.match(topic);
        if (captures == null) {
            return null;
        }
        String measurement = captures.measurement() == null ? subscription.measurement() : captures.measurement();
        String fault = measurement == null ? null : Names.measurementFault(measurement);
        if (fault != null) {
            throw new RejectedMessage(fault);
        }
        Map<String, String> tags = new TreeMap<>(subscription.tags());
        List<String> names = pattern.tagNames();
        for (int i = 0; i < names.size(); i++) {
            String value = captures.tagValues().get(i);
            String tagFault = tagFault(names.get(i), value);
            if (tagFault != null) {
                throw new RejectedMessage(tagFault);
            }
            tags.put(names.get(i), value);
        }
        return new MessageTarget(
                subscription, database(captures.database()), measurement, tags, LinePrefix.of(measurement, tags));
    }

    private String database(@Nullable String captured) {
        if (captured == null) {
            return subscription.database() == null ? Names.DEFAULT_DATABASE : subscription.database();
        }
        try {
            return Names.requireDatabase(captured);
        } catch (WeirException e) {
            throw new RejectedMessage(e.detail());
        }
    }

    /** Says why that cannot be a tag, or null when it can. */
    static @Nullable String tagFault(String name, String value) {
        String fault = Names.nameFault("tag", name);
        if (fault != null) {
            return fault;
        }
        if (name.isEmpty() || name.endsWith("\\")) {
            return "tag name \"" + name + "\" is empty or ends with a backslash";
        }
        if (name.equals(MeasurementSchema.TIME_NANOS)) {
            return "tag name \"" + name + "\" is reserved";
        }
        if (value.isEmpty()) {
            return "value of tag \"" + name + "\" is empty";
        }
        if (value.endsWith("\\")) {
            return "value of tag \"" + name + "\" ends with a backslash";
        }
        if (value.length() > MAX_VALUE_BYTES || value.getBytes(StandardCharsets.UTF_8).length > MAX_VALUE_BYTES) {
            return "value of tag \"" + name + "\" is longer than " + MAX_VALUE_BYTES + " bytes";
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            return "value of tag \"" + name + "\" holds a control character";
        }
        return null;
    }
}
