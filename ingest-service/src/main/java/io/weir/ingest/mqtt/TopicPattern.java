package io.weir.ingest.mqtt;

import io.weir.common.model.Names;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A topic in which some segments mean something: {@code plants/{database}/{measurement}/{tag:device}}. For the broker
 * every capture is a {@code +}. Immutable and thread-safe.
 */
final class TopicPattern {

    private enum Kind {
        LITERAL,
        ANY,
        REST,
        DATABASE,
        MEASUREMENT,
        TAG
    }

    private static final Set<Kind> CAPTURES = EnumSet.of(Kind.DATABASE, Kind.MEASUREMENT, Kind.TAG);

    /** One segment; {@code text} is the literal or the name of the tag. */
    private record Segment(Kind kind, String text) {}

    /**
     * What a topic says.
     *
     * @param database null when the pattern has none
     * @param measurement null when the pattern has none
     * @param tagValues one for each of {@link #tagNames}
     */
    record Captures(@Nullable String database, @Nullable String measurement, List<String> tagValues) {}

    private final List<Segment> segments;
    private final List<String> tagNames;
    private final String filter;

    private TopicPattern(List<Segment> segments) {
        this.segments = List.copyOf(segments);
        this.tagNames = segments.stream()
                .filter(segment -> segment.kind == Kind.TAG)
                .map(Segment::text)
                .toList();
        List<String> words = segments.stream()
                .map(segment -> segment.kind == Kind.LITERAL ? segment.text : segment.kind == Kind.REST ? "#" : "+")
                .toList();
        this.filter = String.join("/", words);
    }

    /**
     * Reads a pattern.
     *
     * @throws IllegalArgumentException saying which segment is wrong and what was expected
     */
    static TopicPattern parse(String pattern) {
        if (pattern.isEmpty() || pattern.startsWith("$")) {
            throw new IllegalArgumentException("pattern \"" + pattern
                    + "\" is empty or begins with '$' (expected: segments, since the shared group has"
                    + " a setting of its own)");
        }
        String[] words = pattern.split("/", -1);
        List<Segment> segments = new ArrayList<>();
        Set<String> captured = new HashSet<>();
        for (int i = 0; i < words.length; i++) {
            Segment segment = segment(words[i], i == words.length - 1);
            if (CAPTURES.contains(segment.kind) && !captured.add(segment.kind + segment.text)) {
                throw new IllegalArgumentException("segment \"" + words[i] + "\" stands twice (expected: once)");
            }
            segments.add(segment);
        }
        return new TopicPattern(segments);
    }

    private static Segment segment(String word, boolean last) {
        if (word.equals("+")) {
            return new Segment(Kind.ANY, "");
        }
        if (word.equals("#") && last) {
            return new Segment(Kind.REST, "");
        }
        if (word.equals("{database}")) {
            return new Segment(Kind.DATABASE, "");
        }
        if (word.equals("{measurement}")) {
            return new Segment(Kind.MEASUREMENT, "");
        }
        if (word.startsWith("{tag:") && word.endsWith("}")) {
            String name = word.substring("{tag:".length(), word.length() - 1);
            String fault = TopicRoute.tagFault(name, "value");
            if (fault == null) {
                return new Segment(Kind.TAG, name);
            }
            throw new IllegalArgumentException("segment \"" + Names.printable(word) + "\": " + fault);
        }
        if (!isLiteral(word)) {
            throw new IllegalArgumentException("segment \"" + Names.printable(word)
                    + "\" is none (expected: a word, +, {database}, {measurement}, {tag:name}, or # at the end)");
        }
        return new Segment(Kind.LITERAL, word);
    }

    /** Whether {@code word} can be a segment that stands for itself. */
    static boolean isLiteral(String word) {
        return word.chars().noneMatch(c -> "/+#{}".indexOf(c) >= 0 || Character.isISOControl(c));
    }

    /** Whether messages can be published to {@code topic}. */
    static boolean isName(String topic) {
        return !topic.isEmpty() && !topic.startsWith("$") && isLiteral(topic.replace('/', '-'));
    }

    /** What the broker is asked for. */
    String filter() {
        return filter;
    }

    /** Names of the tags, in order of their segments. */
    List<String> tagNames() {
        return tagNames;
    }

    boolean capturesDatabase() {
        return segments.stream().anyMatch(segment -> segment.kind == Kind.DATABASE);
    }

    boolean capturesMeasurement() {
        return segments.stream().anyMatch(segment -> segment.kind == Kind.MEASUREMENT);
    }

    /** What {@code topic} says, or null when it is not of this pattern. */
    @Nullable
    Captures match(String topic) {
        String[] words = topic.split("/", -1);
        String database = null;
        String measurement = null;
        List<String> values = new ArrayList<>(tagNames.size());
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.kind == Kind.REST) {
                return new Captures(database, measurement, values);
            }
            if (i == words.length) {
                return null;
            }
            switch (segment.kind) {
                case LITERAL -> {
                    if (!segment.text.equals(words[i])) {
                        return null;
                    }
                }
                case DATABASE -> database = words[i];
                case MEASUREMENT -> measurement = words[i];
                case TAG -> values.add(words[i]);
                default -> {}
            }
        }
        return words.length == segments.size() ? new Captures(database, measurement, values) : null;
    }

    /** Whether some topic matches both patterns. */
    boolean overlaps(TopicPattern other) {
        for (int i = 0; ; i++) {
            boolean end = i == segments.size();
            boolean otherEnd = i == other.segments.size();
            // "a/#" matches "a" too.
            if ((!end && segments.get(i).kind == Kind.REST) || (!otherEnd && other.segments.get(i).kind == Kind.REST)) {
                return true;
            }
            if (end || otherEnd) {
                return end && otherEnd;
            }
            Segment mine = segments.get(i);
            Segment theirs = other.segments.get(i);
            if (mine.kind == Kind.LITERAL && theirs.kind == Kind.LITERAL && !mine.text.equals(theirs.text)) {
                return false;
            }
        }
    }
}
