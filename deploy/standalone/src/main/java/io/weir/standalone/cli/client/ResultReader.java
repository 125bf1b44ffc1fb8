package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ResultSink;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a JSON result row by row as it arrives, holding one row. Numbers are passed on with the digits the server wrote.
 * For one thread.
 */
final class ResultReader {

    private static final JsonMapper JSON = new JsonMapper();

    private final JsonParser parser;
    private final ResultSink sink;
    private List<String> names = List.of();
    private List<String> types = List.of();
    private long rows;
    private long executionMillis;
    private boolean truncated;

    private ResultReader(JsonParser parser, ResultSink sink) {
        this.parser = parser;
        this.sink = sink;
    }

    static QuerySummary read(InputStream answer, ResultSink sink) throws IOException {
        try (JsonParser parser = JSON.createParser(answer)) {
            return new ResultReader(parser, sink).document();
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            throw new IOException(e.getOriginalMessage(), e);
        }
    }

    private QuerySummary document() {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw CommandFailure.refused("The answer is not a query result (expected: a JSON object)");
        }
        boolean hasData = false;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "columns" -> names = texts();
                case "types" -> types = texts();
                case "data" -> {
                    data();
                    hasData = true;
                }
                case "execution_time_ms" -> executionMillis = Math.round(parser.getDoubleValue());
                case "truncated" -> truncated = parser.currentToken() == JsonToken.VALUE_TRUE;
                default -> parser.skipChildren();
            }
        }
        if (!hasData) {
            throw CommandFailure.refused("The answer is not a query result (expected: a member \"data\")");
        }
        return new QuerySummary(rows, Duration.ofMillis(executionMillis), truncated);
    }

    private void data() {
        sink.columns(names, types);
        List<@Nullable String> cells = new ArrayList<>(names.size());
        while (parser.nextToken() == JsonToken.START_ARRAY) {
            cells.clear();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                cells.add(cell());
            }
            sink.row(cells);
            rows++;
        }
        sink.end();
    }

    private List<String> texts() {
        List<String> texts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            texts.add(String.valueOf(cell()));
        }
        return texts;
    }

    private @Nullable String cell() {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
            StringWriter nested = new StringWriter();
            try (JsonGenerator generator = JSON.createGenerator(nested)) {
                generator.copyCurrentStructure(parser);
            }
            return nested.toString();
        }
        return parser.getString();
    }
}
