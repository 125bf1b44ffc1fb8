package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live tail of the packaged program: rows of several writers, each once, in the order of its writer. REQUIREMENTS W1. */
class TailIT {

    private static final int WRITERS = 4;
    private static final int WRITES = 200;
    private static final int PATIENCE_SECONDS = 60;
    private static final Pattern ROW = Pattern.compile("\"writer\":\"(\\d+)\",\"v\":(\\d+)");

    @TempDir
    Path data;

    /** Rows as they arrive. */
    private static final class Subscriber implements WebSocket.Listener {

        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();

        static Subscriber open(WeirProcess server, String query) throws Exception {
            Subscriber subscriber = new Subscriber();
            WeirProcess.HTTP
                    .newWebSocketBuilder()
                    .buildAsync(
                            URI.create("ws://127.0.0.1:" + server.port() + "/api/v1/subscribe?" + query), subscriber)
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(subscriber.next()).contains("\"subscribed\"");
            return subscriber;
        }

        String next() throws InterruptedException {
            String message = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return message == null ? "nothing" : message;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }
    }

    @Test
    void rowsOfSeveralWritersComeOnceAndInTheOrderOfEach() throws Exception {
        try (WeirProcess server = WeirProcess.serve(data);
                WeirProcess command = WeirProcess.run(
                        server.port(),
                        List.of("tail", "live", "ticks", "--where", "writer = '1'", "--url", server.url()))) {
            Subscriber all = Subscriber.open(server, "db=live&measurement=ticks");
            Subscriber some = Subscriber.open(server, "db=live&measurement=ticks&where=writer%20=%20%272%27");
            HttpResponse<InputStream> events = WeirProcess.HTTP.send(
                    HttpRequest.newBuilder(URI.create(server.url() + "/api/v1/subscribe?db=live&measurement=ticks"))
                            .header("Accept", "text/event-stream")
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(events.statusCode()).isEqualTo(200);
            assertThat(events.headers().firstValue("content-type")).contains("text/event-stream");

            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).isEqualTo("event: subscribed");
                Awaitility.await()
                        .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                        .until(() -> Metrics.of(server).get("weir_tail_subscriptions") == 4);
                write(server);
                assertOrdered(rows(all, WRITERS * WRITES), List.of(0L, 1L, 2L, 3L));
                assertOrdered(rows(some, WRITES), List.of(2L));
                assertOrdered(rows(lines), List.of(0L, 1L, 2L, 3L));
                Awaitility.await()
                        .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                        .untilAsserted(() -> assertThat(server.get("/metrics").body())
                                .contains("weir_tail_rows_sent_total " + (double) (2 * WRITERS * WRITES + 2 * WRITES))
                                .contains("weir_tail_rows_missed_total 0.0"));
                assertThat(server.stop()).isIn(0, 143);
                assertThat(all.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1001);
                assertThat(lines.lines().toList()).contains("event: closed");
            }
            assertThat(command.awaitExit()).isEqualTo(1);
            List<String> printed = new ArrayList<>();
            command.output().lines().forEach(line -> add(line, printed));
            assertOrdered(printed, List.of(1L));
            assertThat(command.output()).contains("The subscription has ended: the server stops");
            assertThat(server.output()).doesNotContain("LEAK", " ERROR ");
        }
    }

    private static void write(WeirProcess server) {
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int number = writer;
            writers.add(CompletableFuture.runAsync(() -> {
                for (int v = 0; v < WRITES; v++) {
                    assertThat(server.post("/write?db=live", "ticks,writer=" + number + " v=" + v + "i")
                                    .statusCode())
                            .isEqualTo(204);
                }
            }));
        }
        writers.forEach(CompletableFuture::join);
    }

    private static List<String> rows(Subscriber from, int count) throws InterruptedException {
        List<String> rows = new ArrayList<>();
        while (rows.size() < count) {
            String message = from.next();
            assertThat(message).contains("\"type\":\"rows\"");
            add(message, rows);
        }
        return rows;
    }

    private static List<String> rows(BufferedReader lines) throws Exception {
        List<String> rows = new ArrayList<>();
        while (rows.size() < WRITERS * WRITES) {
            add(String.valueOf(lines.readLine()), rows);
        }
        return rows;
    }

    private static void add(String message, List<String> rows) {
        for (Matcher row = ROW.matcher(message); row.find(); ) {
            rows.add(row.group(1) + " " + row.group(2));
        }
    }

    private static void assertOrdered(List<String> rows, List<Long> writers) {
        Map<Long, List<Long>> byWriter = new HashMap<>();
        for (String row : rows) {
            String[] parts = row.split(" ");
            byWriter.computeIfAbsent(Long.parseLong(parts[0]), key -> new ArrayList<>())
                    .add(Long.parseLong(parts[1]));
        }
        assertThat(byWriter.keySet()).containsExactlyInAnyOrderElementsOf(writers);
        byWriter.forEach((writer, values) -> {
            assertThat(values).as("writer %d", writer).hasSize(WRITES);
            for (int i = 0; i < WRITES; i++) {
                assertThat(values.get(i)).isEqualTo(i);
            }
        });
    }
}
