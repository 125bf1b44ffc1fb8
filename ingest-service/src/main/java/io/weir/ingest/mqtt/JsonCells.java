package io.weir.ingest.mqtt;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The values of one JSON object, reused from object to object: per value its key, the part of the object it stands in,
 * and the value. Not thread-safe.
 */
final class JsonCells {

    /** Where a value stands. */
    enum Part {
        TOP,
        TAGS,
        FIELDS
    }

    /** What a value is. */
    enum Kind {
        INTEGER,
        FLOAT,
        TEXT,
        BOOLEAN
    }

    /** Up to that many keys are compared with one another, which needs no set. */
    private static final int FEW = 32;

    private static final String TAGS = "tags";
    private static final String FIELDS = "fields";

    private String[] keys = new String[16];
    private Part[] parts = new Part[16];
    private Kind[] kinds = new Kind[16];
    private String[] texts = new String[16];
    private long[] integers = new long[16];
    private double[] floats = new double[16];
    private int size;
    private boolean structured;
    private @Nullable String fault;

    /** Reads the object that {@code parser} stands at the start of; leaves it at the end, whatever is wrong inside. */
    void read(JsonParser parser) {
        size = 0;
        structured = false;
        fault = null;
        read(parser, Part.TOP);
    }

    private void read(JsonParser parser, Part part) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken token = parser.nextToken();
            boolean section =
                    token == JsonToken.START_OBJECT && part == Part.TOP && (TAGS.equals(key) || FIELDS.equals(key));
            if (section) {
                structured |= FIELDS.equals(key);
                read(parser, FIELDS.equals(key) ? Part.FIELDS : Part.TAGS);
            } else if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
                parser.skipChildren();
                fault = "value of \"" + key + "\" is " + (token == JsonToken.START_OBJECT ? "an object" : "an array")
                        + " (expected: a number, string, boolean or null)";
            } else if (token != JsonToken.VALUE_NULL) {
                add(parser, token, key, part);
            }
        }
    }

    private void add(JsonParser parser, JsonToken token, String key, Part part) {
        if (size == keys.length) {
            grow();
        }
        keys[size] = key;
        parts[size] = part;
        switch (token) {
            case VALUE_NUMBER_INT -> {
                boolean small = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                kinds[size] = small ? Kind.INTEGER : Kind.FLOAT;
                integers[size] = small ? parser.getLongValue() : 0;
                floats[size] = parser.getDoubleValue();
            }
            case VALUE_NUMBER_FLOAT -> {
                kinds[size] = Kind.FLOAT;
                floats[size] = parser.getDoubleValue();
            }
            case VALUE_STRING -> kinds[size] = Kind.TEXT;
            default -> {
                kinds[size] = Kind.BOOLEAN;
                integers[size] = token == JsonToken.VALUE_TRUE ? 1 : 0;
            }
        }
        if (kinds[size] == Kind.FLOAT && !Double.isFinite(floats[size])) {
            fault = "value of \"" + key + "\" is beyond the range of a 64-bit float";
        }
        texts[size++] = parser.getString();
    }

    private void grow() {
        int capacity = size * 2;
        keys = Arrays.copyOf(keys, capacity);
        parts = Arrays.copyOf(parts, capacity);
        kinds = Arrays.copyOf(kinds, capacity);
        texts = Arrays.copyOf(texts, capacity);
        integers = Arrays.copyOf(integers, capacity);
        floats = Arrays.copyOf(floats, capacity);
    }

    /** What made the object unusable, or null. */
    @Nullable
    String fault() {
        return fault;
    }

    /** Whether fields and tags stand in objects of their own. */
    boolean isStructured() {
        return structured;
    }

    /** A key that would name two columns of the row, or null. */
    @Nullable
    String repeatedKey() {
        Set<String> seen = size > FEW ? new HashSet<>() : Set.of();
        for (int cell = 0; cell < size; cell++) {
            if (structured && parts[cell] == Part.TOP) {
                continue;
            }
            if (size > FEW ? !seen.add(keys[cell]) : stoodBefore(cell)) {
                return keys[cell];
            }
        }
        return null;
    }

    private boolean stoodBefore(int cell) {
        for (int before = 0; before < cell; before++) {
            if (keys[before].equals(keys[cell]) && !(structured && parts[before] == Part.TOP)) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return size;
    }

    String key(int cell) {
        return keys[cell];
    }

    Part part(int cell) {
        return parts[cell];
    }

    Kind kind(int cell) {
        return kinds[cell];
    }

    /** The value as the payload spells it, a string without its quotes. */
    String text(int cell) {
        return texts[cell];
    }

    /** Value of an INTEGER; of a BOOLEAN 1 for true. */
    long integer(int cell) {
        return integers[cell];
    }

    /** Value of an INTEGER or FLOAT. */
    double number(int cell) {
        return floats[cell];
    }
}
