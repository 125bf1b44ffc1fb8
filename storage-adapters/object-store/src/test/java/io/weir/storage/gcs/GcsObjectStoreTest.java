package io.weir.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.OAuth2Credentials;
import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreContract;
import io.weir.storage.object.ObjectStoreError;
import io.weir.testing.FaultProxy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The contract over our own fake of the JSON API, through the fault proxy. The real service is unproven. */
class GcsObjectStoreTest extends ObjectStoreContract {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PART_BYTES = 4 << 20;

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final FakeGcs gcs = new FakeGcs();
    private final FaultProxy proxy = FaultProxy.inFrontOf(gcs.url());
    private GcsObjectStore store;

    @BeforeEach
    void open() {
        gcs.publicUrl(proxy.url());
        store = new GcsObjectStore(settings(), null, schedulers.io());
    }

    @AfterEach
    void close() {
        store.close();
        proxy.close();
        gcs.close();
        schedulers.close();
    }

    private GcsSettings settings() {
        ConnectionLimits limits = new ConnectionLimits(
                20,
                40,
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5));
        return new GcsSettings(proxy.url(), "bucket", KeyPrefix.of("env=test/weir"), limits, PART_BYTES, 10);
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Test
    void theStoreKeepsAndChecksTheChecksum() throws IOException {
        put("k", bytes(1_000));
        put("large", bytes(3 * PART_BYTES + 5));
        assertThat(store.head("k").block(PATIENCE).checksum()).isEqualTo(Checksum.of(ByteBuffer.wrap(bytes(1_000))));
        assertThat(store.head("large").block(PATIENCE).checksum())
                .isEqualTo(Checksum.of(ByteBuffer.wrap(bytes(3 * PART_BYTES + 5))));
    }

    @Test
    void aPieceThatIsLostIsContinuedWhereTheStoreIs() throws IOException {
        proxy.commitThenFail("PUT /session", 2);
        put("large", bytes(3 * PART_BYTES + 5));
        assertThat(read("large", 0, 4L * PART_BYTES)).isEqualTo(bytes(3 * PART_BYTES + 5));
    }

    @Test
    void whatIsGivenUpIsCancelledAtTheStore() {
        assertThat(failure(store.put(
                        "k",
                        chunks(bytes(20_000_000), 1 << 20)
                                .concatWith(Mono.error(new WeirException(ObjectStoreError.OBJECT_DAMAGED, "source"))))))
                .isEqualTo(ObjectStoreError.OBJECT_DAMAGED);
        assertThat(gcs.openSessions()).isZero();
    }

    @Test
    void aBodyThatIsCutIsAnErrorAndNeverShort() throws IOException { // invariant 7
        put("k", bytes(3_000_000));
        for (long at : new long[] {50, 1_000, 100_000, 2_999_999}) {
            proxy.cutAfter(at);
            assertThat(failure(store.read("k", 0, 3_000_000).then())).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
            proxy.halfCloseAfter(at);
            assertThat(failure(store.read("k", 0, 3_000_000).then()))
                    .isIn(ObjectStoreError.OBJECT_STORE_FAILED, ObjectStoreError.OBJECT_STORE_TIMEOUT);
            proxy.heal();
        }
    }

    @Test
    void aStoreThatHangsLetsItsCallersGo() { // REQUIREMENTS S2
        proxy.stall();
        assertThat(failure(store.head("k"))).isEqualTo(ObjectStoreError.OBJECT_STORE_TIMEOUT);
        proxy.heal();
        assertThat(failure(store.head("k"))).isNull();
    }

    @Test
    void aPutWhoseAnswerIsLostIsOfUnknownOutcomeAndIsThere() throws IOException { // LESSONS 15
        Path file = file(bytes(1_000));
        proxy.commitThenFail("POST /upload", 1);
        assertThat(failure(store.put("k", file))).isEqualTo(ObjectStoreError.OBJECT_STORE_FAILED);
        assertThat(file).exists();
        assertThat(read("k", 0, 2_000)).isEqualTo(bytes(1_000));
    }

    @Test
    void aTokenThatExpiresIsReplacedAndAWrongOneIsARefusal() { // LESSONS 48
        gcs.requireToken("right");
        assertThat(failure(store.head("k"))).isEqualTo(ObjectStoreError.OBJECT_STORE_REFUSED);
        AtomicInteger asked = new AtomicInteger();
        OAuth2Credentials credentials = new OAuth2Credentials() {
            private static final long serialVersionUID = 1L;

            @Override
            public AccessToken refreshAccessToken() {
                asked.incrementAndGet();
                return new AccessToken("right", Date.from(Instant.now().plusSeconds(1)));
            }
        };
        try (GcsObjectStore known = new GcsObjectStore(settings(), credentials, schedulers.io())) {
            assertThat(failure(known.head("k"))).isNull();
            assertThat(failure(known.head("k"))).isNull();
            assertThat(asked).hasValueGreaterThanOrEqualTo(2);
        }
    }

    private static ObjectStoreError failure(Mono<?> call) {
        return call.then(Mono.<ObjectStoreError>empty())
                .onErrorResume(WeirException.class, e -> Mono.just((ObjectStoreError) e.code()))
                .block(PATIENCE);
    }
}
