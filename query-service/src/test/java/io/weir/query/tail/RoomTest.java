package io.weir.query.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Principal;
import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.limit.Quotas;
import io.weir.common.live.LocalRowFeed;
import io.weir.common.live.RowFeed;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.ColumnType;
import io.weir.query.QueryError;
import io.weir.testing.ManualScheduler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Rooms and their readers, by hand: work is done when a test has it done. REQUIREMENTS W1, W2. */
class RoomTest {

    private static final DatabaseId DATABASE = new DatabaseId("acme", "db");
    private static final TableId CPU = DATABASE.table("cpu");
    private static final Principal CALLER = new Principal("acme", "me", "t1", List.of(Grant.ALL), false);

    private final LocalRowFeed feed = new LocalRowFeed();
    private final ManualScheduler worker = new ManualScheduler();
    private final AtomicLong now = new AtomicLong(5);
    private final Quotas quotas = new Quotas(now::get);
    private final AtomicReference<Mono<Principal>> authenticated = new AtomicReference<>(Mono.just(CALLER));
    private final List<Client> clients = new ArrayList<>();
    private Tail tail = tail(Map.of());

    private Tail tail(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        settings.forEach((key, value) -> all.put("weir.tail." + key, value));
        tail = new Tail(feed, TailSettingsTest.bind(all), quotas, new TestAuthenticator(), worker, now::get);
        return tail;
    }

    /** Whatever happened, everything comes back. */
    @AfterEach
    void nothingIsLeft() {
        clients.forEach(client -> client.reader.close(CloseReason.CLIENT));
        worker.run();
        assertThat(tail.size()).isZero();
        assertThat(tail.rooms()).isZero();
        assertThat(tail.organisations()).isZero();
        assertThat(tail.bytes()).isZero();
        assertThat(feed.size()).isZero();
    }

    private final class TestAuthenticator implements Authenticator {
        @Override
        public Mono<Principal> authenticate(Credentials credentials) {
            return Mono.defer(authenticated::get);
        }
    }

    /** Takes messages when told to. */
    private final class Client {
        private final TailReader reader;
        private final List<String> texts = new ArrayList<>();
        private @Nullable AtomicReference<@Nullable TailMessage> asked;

        Client(TableId table, SlowPolicy onSlow) {
            reader = tail.open(new Subscription(table, TailFormat.JSON, onSlow, "", null), CALLER, Credentials.NONE);
            clients.add(this);
        }

        /** Takes all messages there are. */
        Client take() {
            worker.run();
            while (takeOne()) {
                worker.run();
            }
            return this;
        }

        /** Takes a message, or goes on waiting for one. */
        boolean takeOne() {
            if (asked == null) {
                asked = new AtomicReference<>();
                reader.next().subscribe(asked::set);
            }
            worker.run();
            TailMessage message = asked.get();
            if (message == null) {
                return false;
            }
            asked = null;
            texts.add(text(message));
            return true;
        }

        private String text(TailMessage message) {
            if (message instanceof TailMessage.Rows rows) {
                ByteBuf bytes = reader.bytes(rows.frame());
                String text = bytes == null ? "gone" : bytes.toString(StandardCharsets.UTF_8);
                if (bytes != null) {
                    bytes.release();
                }
                return text;
            }
            return message instanceof TailMessage.Missed missed
                    ? "missed " + missed.rows()
                    : message.getClass().getSimpleName();
        }
    }

    private Client client() {
        return new Client(CPU, SlowPolicy.CONFLATE);
    }

    private static ColumnBatch batch(int first, int rows) {
        BatchBuilder builder = new BatchBuilder("cpu");
        int field = builder.field("v", ColumnType.INT64);
        for (int i = 0; i < rows; i++) {
            builder.setLong(field, first + i);
            builder.endRow(builder.series().intern(), 0, 0);
        }
        return builder.build();
    }

    private static String row(int value) {
        return "{\"time\":\"1970-01-01T00:00:00Z\",\"v\":" + value + "}";
    }

    private static String rows(int... values) {
        List<String> rows = new ArrayList<>();
        for (int value : values) {
            rows.add(row(value));
        }
        return "{\"type\":\"rows\",\"rows\":[" + String.join(",", rows) + "]}";
    }

    @Test
    void everyReaderOfTheRoomGetsItsRowsAndNoOther() {
        Client one = client();
        Client two = client();
        Client other = new Client(new TableId("other", "db", "cpu"), SlowPolicy.CONFLATE);
        feed.published(DATABASE, batch(1, 2));
        feed.published(DATABASE, batch(3, 1));
        assertThat(one.take().texts).containsExactly("Subscribed", rows(1, 2), rows(3));
        assertThat(two.take().texts).isEqualTo(one.texts);
        assertThat(other.take().texts).containsExactly("Subscribed");
        assertThat(tail.rowsSent()).isEqualTo(6);
    }

    @Test
    void aReaderThatTakesNothingLosesTheOldestAndIsToldHowMany() {
        tail(Map.of("frame-size", "1KB", "reader-buffer", "1KB"));
        Client slow = client();
        Client fast = client();
        fast.take();
        for (int i = 0; i < 100; i++) {
            feed.published(DATABASE, batch(i, 1));
            fast.take();
        }
        assertThat(fast.texts).hasSize(101).endsWith(rows(99));
        slow.take();
        assertThat(slow.texts.get(1)).startsWith("missed ");
        int missed = Integer.parseInt(slow.texts.get(1).substring(7));
        assertThat(missed).isBetween(70, 95);
        assertThat(slow.texts.size() - 2).isEqualTo(100 - missed);
        assertThat(slow.texts).endsWith(rows(98), rows(99));
        assertThat(tail.rowsMissed()).isEqualTo(missed);
    }

    @Test
    void aReaderThatWouldRatherEndIsClosed() {
        tail(Map.of("frame-size", "1KB", "reader-buffer", "1KB"));
        Client slow = new Client(CPU, SlowPolicy.CLOSE);
        Client fast = client();
        for (int i = 0; i < 100; i++) {
            feed.published(DATABASE, batch(i, 1));
            fast.take();
        }
        assertThat(slow.reader.reason()).isEqualTo(CloseReason.SLOW);
        assertThat(fast.texts).hasSize(101);
        assertThat(tail.closed(CloseReason.SLOW)).isEqualTo(1);
    }

    @Test
    void aBurstIsSentAtThePaceOfTheFastestReader() {
        tail(Map.of("frame-size", "1KB", "reader-buffer", "1KB"));
        Client only = client();
        feed.published(DATABASE, batch(0, 5_000)); // some two hundred frames, through a buffer of one
        only.take();
        assertThat(only.texts).noneMatch(text -> text.startsWith("missed"));
        assertThat(tail.rowsSent()).isEqualTo(5_000);
        assertThat(only.texts.get(1)).startsWith("{\"type\":\"rows\",\"rows\":[" + row(0) + "," + row(1));
        assertThat(only.texts.get(only.texts.size() - 1)).endsWith(row(4_999) + "]}");
    }

    @Test
    void batchesThatWaitAreBoundedToo() {
        tail(Map.of("frame-size", "1KB", "reader-buffer", "1KB", "room-buffer", "64KB", "memory", "96KB"));
        Client stuck = client();
        worker.run();
        for (int i = 0; i < 1_000; i++) {
            feed.published(DATABASE, batch(i * 100, 100));
            worker.run();
            assertThat(tail.bytes()).isLessThanOrEqualTo(96 << 10);
        }
        stuck.take();
        assertThat(stuck.texts).anyMatch(text -> text.startsWith("missed"));
        assertThat(tail.rowsSent() + tail.rowsMissed()).isEqualTo(100_000);
        assertThat(stuck.texts.get(stuck.texts.size() - 1)).endsWith(row(99_999) + "]}");
    }

    @Test
    void aBatchLargerThanTheMemoryIsMissed() {
        tail(Map.of("memory", "8MB"));
        Client client = client();
        feed.published(DATABASE, batch(0, 1_000_000));
        feed.published(DATABASE, batch(7, 1));
        assertThat(client.take().texts).containsExactly("Subscribed", "missed 1000000", rows(7));
    }

    @Test
    void roomsOrganisationsAndTheServerHaveAsManyAsTheyMay() {
        tail(Map.of("max-per-room", "2", "max-subscriptions", "4"));
        client();
        Client second = client();
        assertRefused(this::client, QueryError.SUBSCRIPTIONS_FULL, "measurement cpu has 2");
        new Client(DATABASE.table("m1"), SlowPolicy.CONFLATE);
        quotas.apply(Map.of("acme", new OrganisationLimits(0, 0, 0, 3, 0)));
        assertRefused(() -> new Client(DATABASE.table("m2"), SlowPolicy.CONFLATE), CommonError.QUOTA_EXCEEDED, "has 3");
        new Client(new TableId("other", "db", "m"), SlowPolicy.CONFLATE);
        quotas.apply(Map.of());
        assertRefused(
                () -> new Client(DATABASE.table("m2"), SlowPolicy.CONFLATE),
                QueryError.SUBSCRIPTIONS_FULL,
                "this server has 4");
        second.reader.close(CloseReason.CLIENT);
        assertThat(client().take().texts).containsExactly("Subscribed");
        assertThat(tail.refused()).isEqualTo(2);
        assertThat(quotas.refusedSockets()).isEqualTo(1);
        assertThat(tail.fullest(1)).containsExactly(new Tail.RoomSize(CPU, 2));
    }

    private static void assertRefused(Runnable open, ErrorCode code, String why) {
        assertThatThrownBy(open::run).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).contains(why);
            assertThat(e.context()).containsKey("retry_after_seconds");
        });
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
        tail.look().block();
    }

    @Test
    void whoeverDoesNotAnswerAPingIsBrokenOff() {
        Client client = client();
        client.reader.answersPings();
        AtomicLong broken = new AtomicLong();
        client.reader.onBreakOff(broken::incrementAndGet);
        pass(Duration.ofSeconds(30));
        assertThat(client.take().texts).containsExactly("Subscribed", "Ping");
        pass(Duration.ofSeconds(20));
        client.reader.heard();
        pass(Duration.ofSeconds(20));
        assertThat(client.take().texts).hasSize(3).endsWith("Ping");
        pass(Duration.ofSeconds(29));
        assertThat(client.reader.reason()).isNull();
        pass(Duration.ofSeconds(1));
        assertThat(client.reader.reason()).isEqualTo(CloseReason.UNRESPONSIVE);
        assertThat(broken.get()).isEqualTo(1);
    }

    @Test
    void whoeverTakesNoByteIsBrokenOff() {
        Client client = client();
        client.takeOne(); // and never asks for the next
        pass(Duration.ofSeconds(59));
        assertThat(client.reader.reason()).isNull();
        pass(Duration.ofSeconds(1));
        assertThat(client.reader.reason()).isEqualTo(CloseReason.UNRESPONSIVE);
    }

    @Test
    void subscriptionsEndWhenIdleOrOld() {
        tail(Map.of("idle-timeout", "1h", "max-age", "3h"));
        Client idle = client();
        Client other = new Client(DATABASE.table("other"), SlowPolicy.CONFLATE);
        idle.take();
        other.take();
        pass(Duration.ofMinutes(59));
        feed.published(DATABASE, batch(1, 1));
        idle.take();
        other.take();
        pass(Duration.ofMinutes(1));
        assertThat(idle.reader.reason()).isNull();
        assertThat(other.reader.reason()).isEqualTo(CloseReason.IDLE);
        for (int i = 0; i < 4; i++) {
            idle.take();
            pass(Duration.ofMinutes(29));
            feed.published(DATABASE, batch(1, 1));
            idle.take();
        }
        pass(Duration.ofMinutes(4));
        assertThat(idle.reader.reason()).isEqualTo(CloseReason.AGE);
    }

    @Test
    void subscriptionsEndWithTheirTokenButNotForWantOfACatalog() {
        Client client = client();
        authenticated.set(Mono.error(new WeirException(CommonError.STORAGE_UNAVAILABLE, "down")));
        pass(Duration.ofSeconds(1));
        assertThat(client.reader.reason()).isNull();
        authenticated.set(Mono.just(CALLER));
        pass(Duration.ofSeconds(1));
        assertThat(client.reader.reason()).isNull();
        authenticated.set(Mono.just(new Principal("acme", "me", "t1", List.of(), false)));
        pass(Duration.ofSeconds(1));
        assertThat(client.reader.reason()).isEqualTo(CloseReason.NOT_PERMITTED);
        Client next = client();
        authenticated.set(Mono.error(new WeirException(CommonError.UNAUTHENTICATED, "revoked")));
        pass(Duration.ofSeconds(1));
        assertThat(next.reader.reason()).isEqualTo(CloseReason.NOT_PERMITTED);
    }

    @Test
    void aStopEndsAllAndRefusesMore() {
        Client client = client();
        feed.published(DATABASE, batch(1, 1));
        worker.run();
        AtomicBoolean ended = new AtomicBoolean();
        tail.stop().subscribe(done -> {}, failure -> {}, () -> ended.set(true));
        assertThat(ended).isFalse(); // the farewell is not said yet
        client.reader.leave();
        assertThat(ended).isTrue();
        assertThat(client.reader.reason()).isEqualTo(CloseReason.GOING_AWAY);
        assertThat(client.reader.next().blockOptional()).isEmpty();
        assertThatThrownBy(this::client)
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.SHUTTING_DOWN));
    }

    @Test
    void withoutAFeedThereIsNothingToSubscribeTo() {
        Tail without = new Tail(
                RowFeed.broken("no rows here"),
                TailSettingsTest.bind(Map.of()),
                quotas,
                new TestAuthenticator(),
                worker,
                now::get);
        Subscription subscription = new Subscription(CPU, TailFormat.JSON, SlowPolicy.CONFLATE, "", null);
        assertThatThrownBy(() -> without.open(subscription, CALLER, Credentials.NONE))
                .hasMessageContaining("no rows here");
        assertThat(without.size()).isZero();
    }
}
