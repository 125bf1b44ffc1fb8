package io.weir.ingest.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.memory.Reservation;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.edge.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjIntConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connections that are kept, under refusals while bodies still arrive: none hangs, and whatever was refused, the next
 * request of the connection is answered like a first one. REQUIREMENTS P1; LESSONS 45, 46.
 */
@Timeout(300)
class RefusedBodyTest {

    private static final int CONNECTIONS = 16;
    private static final int REQUESTS = 40;
    private static final int BODY_BYTES = 444_000;
    private static final long LIMIT_SECONDS = 20;
    private static final String LINES = "/api/v3/write_lp?db=d";

    @TempDir
    static Path directory;

    private static IngestServer server;
    private static Admission admission;

    private final List<Client> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
    private final Map<String, AtomicInteger> answers = new ConcurrentSkipListMap<>();

    @BeforeAll
    static void start() {
        server = new IngestServer(
                directory,
                "weir.ingest.memory=5MB",
                "weir.ingest.max-ndjson=200KB",
                "weir.ingest.flush-age=50ms",
                "weir.ingest.flush-min-size=0",
                "weir.ingest.flush-size=256KB",
                "weir.wal.segment-size=4MB",
                "weir.warm-up.duration=0s");
        admission = server.ingest().admission();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() {
        for (int i = 0; i < CONNECTIONS; i++) {
            clients.add(new Client());
        }
    }

    @AfterEach
    void disconnect() {
        clients.forEach(Client::close);
        threads.shutdownNow();
    }

    /** One connection at a time, a new one when the server ended the last. */
    private static final class Client {

        private RawConnection connection = new RawConnection(server.port());
        private volatile String doing = "nothing";

        /** Sends the first bytes of a body. */
        void begin(byte[] body, int bytes) {
            doing = "sending the first half of a body";
            connection.post(LINES, "Content-Length: " + body.length).send(Arrays.copyOf(body, bytes));
        }

        /** Sends the rest of a body and reads the answer. */
        Answer end(byte[] body, int from) {
            doing = "sending the second half of a body";
            connection.send(Arrays.copyOfRange(body, from, body.length));
            return answered();
        }

        /** Sends a request and reads its answer; the body goes out in pieces when there is a pause between them. */
        Answer exchange(Request request) {
            doing = "sending " + request;
            try {
                connection.post(request.path, request.head());
                sendBody(request);
            } catch (UncheckedIOException e) {
                doing += ", which failed: " + e.getMessage(); // the server closed: its answer was sent before
            }
            return answered();
        }

        private Answer answered() {
            doing = "waiting for the answer after " + doing;
            Answer answer = connection.answer();
            doing = "nothing";
            if ("close".equals(answer.headers().get("connection"))) {
                assertThat(connection.ends()).as("the connection ends").isTrue();
                close();
                connection = new RawConnection(server.port());
            }
            return answer;
        }

        private void sendBody(Request request) {
            byte[] body = request.framed();
            int piece = request.pauseMicros == 0 ? body.length : 16_000;
            for (int at = 0; at < body.length; at += piece) {
                connection.send(Arrays.copyOfRange(body, at, Math.min(body.length, at + piece)));
                LockSupport.parkNanos(request.pauseMicros * 1_000L);
            }
        }

        void close() {
            connection.close();
        }
    }

    /** A request; its body is sent with its length or in chunks. */
    private record Request(String kind, String path, byte[] body, boolean chunked, int pauseMicros, String header) {

        String[] head() {
            return new String[] {chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + body.length, header};
        }

        byte[] framed() {
            if (!chunked) {
                return body;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int at = 0; at < body.length; at += 30_000) {
                int length = Math.min(30_000, body.length - at);
                out.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(body, at, length);
                out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return out.toByteArray();
        }

        @Override
        public String toString() {
            return kind + (chunked ? " in chunks" : "") + (pauseMicros > 0 ? ", slowly" : "");
        }
    }

    private static byte[] lines(int host) {
        StringBuilder lines = new StringBuilder(BODY_BYTES + 100);
        for (int i = 0; lines.length() < BODY_BYTES; i++) {
            lines.append("cpu,host=h")
                    .append(host)
                    .append(" v=")
                    .append(i)
                    .append("i,w=")
                    .append(i * 0.25);
            lines.append(' ')
                    .append(1_700_000_000_000_000_000L + i * 1_000_000L)
                    .append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[BODY_BYTES];
        random.nextBytes(noise);
        noise[0] = (byte) 0xc1; // in MessagePack no value begins so
        return noise;
    }

    private static Request request(Random random, int client) {
        boolean chunked = random.nextBoolean();
        int pauseMicros = random.nextInt(3) == 0 ? random.nextInt(2_000) : 0;
        String plain = "X-Nothing: 1";
        return switch (random.nextInt(6)) {
            case 0 ->
                new Request(
                        "400: no MessagePack",
                        "/api/v1/write/msgpack?db=d",
                        noise(random),
                        chunked,
                        pauseMicros,
                        plain);
            case 1 -> new Request("400: no gzip", LINES, noise(random), chunked, pauseMicros, "Content-Encoding: gzip");
            case 2 ->
                new Request(
                        "413: too much NDJSON",
                        "/api/v1/write/ndjson?db=d&measurement=m",
                        "{\"time\":1700000000,\"v\":1}\n".repeat(18_000).getBytes(StandardCharsets.US_ASCII),
                        chunked,
                        pauseMicros,
                        plain);
            case 3 -> new Request("no such database name", "/write?db=%20", lines(client), chunked, pauseMicros, plain);
            default -> new Request("rows", LINES, lines(client), chunked, pauseMicros, plain);
        };
    }

    private void each(ObjIntConsumer<Client> work) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            int number = i;
            running.add(threads.submit(() -> work.accept(clients.get(number), number)));
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            try {
                running.get(i).get(LIMIT_SECONDS * 6, TimeUnit.SECONDS);
            } catch (TimeoutException | ExecutionException e) {
                throw new AssertionError("connection " + i + " was " + clients.get(i).doing + "; " + answers, e);
            }
        }
    }

    private void count(Request request, Answer answer) {
        answers.computeIfAbsent(request.kind + " → " + answer.status(), key -> new AtomicInteger())
                .incrementAndGet();
    }

    private void everyConnectionWrites() throws Exception {
        each((client, number) -> {
            Request good = new Request("good", LINES, lines(number), number % 2 == 0, 0, "X-Nothing: 1");
            Answer answer = client.exchange(good);
            for (int attempt = 0; answer.status() == 503 && attempt < 2_000; attempt++) {
                LockSupport.parkNanos(5_000_000);
                answer = client.exchange(good);
            }
            assertThat(answer.status()).as(answer.body()).isEqualTo(204);
        });
    }

    @Test
    void keptConnectionsOutliveAStormOfRefusals() throws Exception {
        long seed = Long.getLong("weir.test.seed", System.nanoTime());
        System.out.println("seed " + seed);
        each((client, number) -> {
            Random random = new Random(seed + number);
            for (int i = 0; i < REQUESTS; i++) {
                Request request = request(random, number);
                long began = System.nanoTime();
                Answer answer = client.exchange(request);
                assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                        .as("seconds until the answer to %s", request)
                        .isLessThan(LIMIT_SECONDS);
                count(request, answer);
                assertThat(answer.status()).as(answer.body()).isIn(204, 400, 413, 503);
            }
        });
        Map<String, Integer> counts = new TreeMap<>();
        answers.forEach((kind, count) -> counts.merge(kind.substring(kind.length() - 3), count.get(), Integer::sum));
        System.out.println(answers);
        assertThat(counts).containsKeys("204", "400", "413", "503");
        everyConnectionWrites();
    }

    /** What a client does that had its answer before it had sent everything, and goes on at once. */
    @ParameterizedTest
    @ValueSource(strings = {"GET /ping", "POST /write?db=d", "POST /write?db=%20"})
    void aRequestThatComesWithTheRestOfARefusedBodyLeavesTheConnectionAlive(String next) {
        byte[] body = lines(1);
        String second = next + " HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello";
        try (RawConnection connection = new RawConnection(server.port())) {
            for (int i = 0; i < 20; i++) {
                try (Reservation all = admission.claim("other", 6 << 20, admission.decode())) {
                    Answer refused = connection
                            .post(LINES, "Content-Length: " + body.length)
                            .send(Arrays.copyOf(body, 1_000 * i))
                            .answer();
                    assertThat(refused.status()).as(refused.body()).isEqualTo(503);
                    assertThat(all.bytes()).isPositive();
                    ByteArrayOutputStream rest = new ByteArrayOutputStream();
                    rest.write(body, 1_000 * i, body.length - 1_000 * i);
                    rest.writeBytes(second.getBytes(StandardCharsets.US_ASCII));
                    assertThat(connection.send(rest.toByteArray()).answer().status())
                            .isIn(204, 400, 503);
                }
            }
        }
    }

    /** Requests sent without waiting for answers, the last one answered at once: nothing but the next request follows. */
    @ParameterizedTest
    @ValueSource(strings = {"GET /ping", "POST /write?db=d", "POST /write?db=%20"})
    void aRequestThatWaitedForTheOneBeforeItLeavesTheConnectionAlive(String next) {
        String row = "cpu,host=a v=1i\n";
        String first =
                "POST " + LINES + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + row.length() + "\r\n\r\n" + row;
        String second = next + " HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello";
        try (RawConnection connection = new RawConnection(server.port())) {
            for (int i = 0; i < 20; i++) {
                connection.send(first + second);
                assertThat(connection.answer().status()).isEqualTo(204);
                assertThat(connection.answer().status()).isIn(204, 400, 503);
            }
        }
    }

    @Test
    void keptConnectionsOutliveMemoryThatRunsOutInTheMiddleOfTheirBodies() throws Exception {
        for (int round = 0; round < 5; round++) {
            long refused = admission.decode().refusedCount();
            each((client, number) -> client.begin(lines(number), BODY_BYTES / 2));
            IngestServer.until(() -> admission.decode().usedBytes() > 0);
            try (Reservation all = admission.claim("other", 6 << 20, admission.decode())) {
                each((client, number) -> {
                    Answer answer = client.end(lines(number), BODY_BYTES / 2);
                    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                });
                assertThat(all.bytes()).isPositive();
            }
            assertThat(admission.decode().refusedCount() - refused).isGreaterThanOrEqualTo(CONNECTIONS);
        }
        everyConnectionWrites();
    }
}
