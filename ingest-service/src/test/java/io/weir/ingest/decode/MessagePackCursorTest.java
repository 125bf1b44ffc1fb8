package io.weir.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MessagePackCursorTest {

    private static final HexFormat HEX = HexFormat.ofDelimiter("-");

    @TestFactory
    Stream<DynamicTest> readsEveryEncodingOfTheSuite() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (InputStream stream = getClass().getResourceAsStream("/conformance/msgpack-test-suite.json")) {
            JsonNode suite = JsonMapper.builder().build().readTree(stream);
            for (Map.Entry<String, JsonNode> group : suite.properties()) {
                for (JsonNode vector : group.getValue()) {
                    for (JsonNode encoding : vector.get("msgpack")) {
                        String hex = encoding.asString();
                        tests.add(DynamicTest.dynamicTest(group.getKey() + " " + hex, () -> check(vector, hex)));
                    }
                }
            }
        }
        assertThat(tests.size()).isGreaterThan(200);
        return tests.stream();
    }

    private static void check(JsonNode vector, String hex) {
        byte[] bytes = HEX.parseHex(hex);
        MessagePackCursor cursor = new MessagePackCursor(bytes, 0, bytes.length);
        assertThat(read(cursor)).isEqualTo(expected(vector));
        assertThat(cursor.atEnd()).isTrue();
        cursor.seek(0);
        cursor.skip();
        assertThat(cursor.atEnd()).isTrue();
        for (int length = 0; length < bytes.length; length++) {
            MessagePackCursor cut = new MessagePackCursor(bytes, 0, length);
            assertThatThrownBy(cut::skip).isInstanceOf(MessagePackFault.class);
        }
    }

    private static Object expected(JsonNode vector) {
        if (vector.has("nil")) {
            return "nil";
        } else if (vector.has("bool")) {
            return vector.get("bool").asBoolean();
        } else if (vector.has("binary")) {
            return "bytes " + vector.get("binary").asString();
        } else if (vector.has("bignum")) {
            return new BigInteger(vector.get("bignum").asString());
        } else if (vector.has("timestamp")) {
            return "time " + vector.get("timestamp").get(0).asLong() + " "
                    + vector.get("timestamp").get(1).asInt();
        } else if (vector.has("ext")) {
            return "ext " + vector.get("ext").get(0).asInt() + " "
                    + vector.get("ext").get(1).asString();
        }
        return plain(
                vector.has("number")
                        ? vector.get("number")
                        : vector.has("string")
                                ? vector.get("string")
                                : vector.has("array") ? vector.get("array") : vector.get("map"));
    }

    private static Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> map = new TreeMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
            return map;
        } else if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(element -> list.add(plain(element)));
            return list;
        } else if (node.isNumber()) {
            return node.isIntegralNumber() ? node.bigIntegerValue() : (Object) node.asDouble();
        }
        return node.asString();
    }

    private static Object read(MessagePackCursor cursor) {
        switch (cursor.type()) {
            case NIL -> {
                assertThat(cursor.skipNil()).isTrue();
                return "nil";
            }
            case BOOLEAN -> {
                return cursor.readBoolean();
            }
            case INTEGER -> {
                long value = cursor.readInteger();
                return cursor.isHuge() ? new BigInteger(Long.toUnsignedString(value)) : BigInteger.valueOf(value);
            }
            case FLOAT -> {
                double value = cursor.readFloat();
                return value == Math.rint(value) ? BigInteger.valueOf((long) value) : (Object) value;
            }
            case STRING -> {
                cursor.readText();
                return cursor.text();
            }
            case BINARY -> {
                cursor.readText();
                return "bytes " + hex(cursor);
            }
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (int left = cursor.readArray(); left > 0; left--) {
                    list.add(read(cursor));
                }
                return list;
            }
            case MAP -> {
                Map<String, Object> map = new TreeMap<>();
                for (int left = cursor.readMap(); left > 0; left--) {
                    map.put((String) read(cursor), read(cursor));
                }
                return map;
            }
            default -> {
                int start = cursor.position();
                cursor.readExtension();
                if (cursor.extensionType() != MessagePackCursor.TIMESTAMP) {
                    return "ext " + cursor.extensionType() + " " + hex(cursor);
                }
                cursor.seek(start);
                return "time " + cursor.readTimestamp() + " " + cursor.nanos();
            }
        }
    }

    private static String hex(MessagePackCursor cursor) {
        return HEX.formatHex(cursor.bytes(), cursor.textStart(), cursor.textEnd());
    }

    @Test
    void declaredLengthsAreCheckedAgainstWhatIsLeft() {
        for (String hex :
                List.of("dd-ff-ff-ff-ff", "df-7f-ff-ff-ff", "db-ff-ff-ff-ff", "c9-ff-ff-ff-ff-01", "c6-80-00-00-00")) {
            byte[] bytes = HEX.parseHex(hex);
            assertThatThrownBy(() -> new MessagePackCursor(bytes, 0, bytes.length).skip())
                    .isInstanceOf(MessagePackFault.class)
                    .hasMessageContaining("ends too early");
        }
    }

    @Test
    void randomBytesNeverCrash() {
        Random random = new Random(11);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            MessagePackCursor cursor = new MessagePackCursor(Arrays.copyOf(bytes, bytes.length), 0, bytes.length);
            try {
                cursor.skip();
                assertThat(cursor.position()).isLessThanOrEqualTo(bytes.length);
            } catch (MessagePackFault e) {
                assertThat(e.offset).isBetween(0, bytes.length);
            }
        }
    }
}
