package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shared vectors; docs/formats/line-protocol.md says why each case on which the origins differ is decided as it is. */
class LineProtocolConformanceTest {

    /** Cases on which the origins differ: what Weir says, null for a bad line. */
    private static final Map<String, Object> DECIDED = new TreeMap<>();

    static {
        DECIDED.put("m v=\"\\r\"", "\\r");
        DECIDED.put("m v=\"\\t\"", "\\t");
        DECIDED.put("m v=\"\\n\"", "\\n");
        DECIDED.put("\tm v=1", 1.0);
        DECIDED.put("cpu,host=two\\\\\\ words value=42", "host=two\\\\ words");
        DECIDED.put("cpu,host=two\\\\ words value=42", "host=two\\ words");
        DECIDED.put("cpu,regions=eas\\\\ t value=1.0", "regions=eas\\ t");
        DECIDED.put("cpu,regions=east\\\\  value=1.0", "regions=east\\ ");
        DECIDED.put("cpu,reg\\\\=ion=east value=1.0", "reg\\=ion=east");
        DECIDED.put("cpu,regions=\\\\,\\,\\=east value=1.0", "regions=\\,,=east");
        DECIDED.put("cpu,regions=\\\\ east value=1.0", "regions=\\ east");
        DECIDED.put("cpu,host=serverA,region=us-west value=.1", 0.1);
        DECIDED.put("cpu value=1. 1000000000", 1.0);
        DECIDED.put("x\u0001y v=1", null);
        DECIDED.put("m x\u0001y=1", null);
        DECIDED.put("m,x\u0001y=v v=1", null);
        DECIDED.put("m,k=x\u0001y v=1", "k=x\u0001y");
    }

    @TestFactory
    Stream<DynamicTest> vectors() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        JsonMapper mapper = JsonMapper.builder().build();
        try (InputStream stream = getClass().getResourceAsStream("/conformance/line-protocol-core.jsonl")) {
            assertThat(stream).isNotNull();
            for (String line : new String(stream.readAllBytes(), UTF_8).split("\n")) {
                JsonNode vector = mapper.readTree(line);
                tests.add(DynamicTest.dynamicTest(vector.get("id").asString(), () -> check(vector)));
            }
        }
        assertThat(tests).hasSize(240);
        return tests.stream();
    }

    private static void check(JsonNode vector) {
        byte[] body = vector.has("input")
                ? vector.get("input").asString().getBytes(UTF_8)
                : Base64.getDecoder().decode(vector.get("input_b64").asString());
        Precision precision = Precision.ofV1(vector.get("precision").asString().substring(1));
        long receiveTime = vector.get("default_time_ns").asLong();
        LineProtocolDecoder decoder = new LineProtocolDecoder(DecodeOptions.of(precision, receiveTime));
        decoder.feed(body, 0, body.length);
        DecodedWrite write = decoder.finish();
        List<DecodedRow> rows = write.batches().stream()
                .flatMap(batch -> DecodedRow.of(batch).stream())
                .toList();
        String input = new String(body, UTF_8);
        if (vector.get("agree").asBoolean()) {
            expect(vector.get("expect"), rows, write, precision, receiveTime);
        } else {
            decided(input, rows, write);
        }
    }

    private static void expect(
            JsonNode expected, List<DecodedRow> rows, DecodedWrite write, Precision precision, long receiveTime) {
        List<DecodedRow> wanted = new ArrayList<>();
        int errors = 0;
        for (JsonNode row : expected) {
            if (row.has("err")) {
                errors++;
            } else {
                wanted.add(row(row, precision, receiveTime));
            }
        }
        assertThat(rows).isEqualTo(wanted);
        assertThat(write.rejectedRows()).isEqualTo(errors);
        assertThat(write.errors()).hasSize(errors);
    }

    private static DecodedRow row(JsonNode row, Precision precision, long receiveTime) {
        SortedMap<String, String> tags = new TreeMap<>();
        row.get("tags")
                .forEach(tag -> tags.put(tag.get(0).asString(), tag.get(1).asString()));
        SortedMap<String, Object> fields = new TreeMap<>();
        for (JsonNode field : row.get("fields")) {
            JsonNode value = field.get(2);
            Object plain = switch (field.get(1).asString()) {
                case "int" -> Long.valueOf(value.asString());
                case "uint" -> new BigInteger(value.asString());
                case "float" -> Double.valueOf(value.asString());
                case "bool" -> value.asBoolean();
                default -> value.asString();
            };
            fields.put(field.get(0).asString(), plain);
        }
        JsonNode stamp = row.get("timestamp");
        long time = stamp == null || stamp.isNull()
                ? precision.truncate(receiveTime)
                : precision.toNanos(Long.parseLong(stamp.asString()));
        return new DecodedRow(row.get("measurement").asString(), tags, fields, time);
    }

    private static void decided(String input, List<DecodedRow> rows, DecodedWrite write) {
        boolean tooLarge = input.length() > 200;
        if (!tooLarge) {
            assertThat(DECIDED).containsKey(input);
        }
        Object wanted = DECIDED.get(input);
        if (wanted == null) {
            assertThat(rows).isEmpty();
            assertThat(write.rejectedRows()).isOne();
            return;
        }
        assertThat(write.errors()).isEmpty();
        DecodedRow row = rows.get(0);
        List<Object> found = new ArrayList<>(row.fields().values());
        row.tags().forEach((name, value) -> found.add(name + "=" + value));
        assertThat(found).contains(wanted);
    }
}
