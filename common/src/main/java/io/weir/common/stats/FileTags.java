package io.weir.common.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known of the tags in a data file: enough to tell that it has no row a query asks for, in a bounded number of
 * characters. Immutable.
 *
 * <pre>
 *   {"complete":true,"tags":{"host":["a","z",1],"region":["eu","us",0,["eu","me","us"]]}}     least, greatest, everywhere, values
 * </pre>
 *
 * @param ranges by tag
 * @param complete whether a tag that is not among them is in no row
 */
public record FileTags(Map<String, TagRange> ranges, boolean complete) {

    /** Nothing is known. */
    public static final FileTags UNKNOWN = new FileTags(Map.of(), false);

    /** Longest value that is kept, in characters. */
    static final int LONGEST_VALUE = 64;

    /** Most characters of names and values together. */
    static final int MOST_CHARACTERS = 1_500;

    private static final JsonMapper JSON = JsonMapper.shared();

    public FileTags {
        ranges = Map.copyOf(ranges);
    }

    /**
     * What is kept of a file's tags: single values give way to ranges, and ranges to nothing, where they are too long.
     *
     * @param all every tag that some row has
     */
    public static FileTags of(Map<String, TagRange> all) {
        Map<String, TagRange> kept = new LinkedHashMap<>();
        int characters = 0;
        for (Map.Entry<String, TagRange> tag : all.entrySet()) {
            TagRange range = tag.getValue();
            int length = length(tag.getKey(), range);
            if (length > MOST_CHARACTERS / 4 || characters + length > MOST_CHARACTERS) {
                range = range.withoutValues();
                length = length(tag.getKey(), range);
            }
            boolean isShort =
                    range.min().length() <= LONGEST_VALUE && range.max().length() <= LONGEST_VALUE;
            if (isShort && characters + length <= MOST_CHARACTERS) {
                characters += length;
                kept.put(tag.getKey(), range);
            }
        }
        return new FileTags(kept, kept.size() == all.size());
    }

    private static int length(String name, TagRange range) {
        int length = name.length() + range.min().length() + range.max().length();
        for (String value : range.values()) {
            length += value.length();
        }
        return length;
    }

    /** Whether some row may have that tag with a value of which {@code test} is true. */
    public boolean mayHave(String tag, Predicate<TagRange> test) {
        TagRange range = ranges.get(tag);
        return range == null ? !complete : test.test(range);
    }

    /** As JSON; what {@link #decode} reads. */
    public String encode() {
        ObjectNode root = JSON.createObjectNode().put("complete", complete);
        ObjectNode tags = root.putObject("tags");
        ranges.forEach((tag, range) -> {
            ArrayNode one = tags.putArray(tag).add(range.min()).add(range.max()).add(range.everywhere() ? 1 : 0);
            if (!range.values().isEmpty()) {
                ArrayNode values = one.addArray();
                range.values().forEach(values::add);
            }
        });
        return root.toString();
    }

    /** What {@link #encode} made that text of. */
    public static FileTags decode(String text) {
        JsonNode root = JSON.readTree(text);
        Map<String, TagRange> ranges = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> tag : root.path("tags").properties()) {
            JsonNode one = tag.getValue();
            List<String> values = new ArrayList<>();
            one.path(3).forEach(value -> values.add(value.asString()));
            ranges.put(
                    tag.getKey(),
                    new TagRange(
                            one.path(0).asString(),
                            one.path(1).asString(),
                            one.path(2).asInt() == 1,
                            values));
        }
        return new FileTags(ranges, root.path("complete").asBoolean());
    }
}
