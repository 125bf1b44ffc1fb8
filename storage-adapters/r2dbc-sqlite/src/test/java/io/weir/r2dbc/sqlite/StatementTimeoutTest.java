package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.R2dbcTimeoutException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class StatementTimeoutTest extends SqliteFixture {
    private static final Duration LIMIT = Duration.ofMillis(200);

    private SqliteConnection connection;

    @BeforeEach
    void limitStatements() {
        connection = open();
        run(connection.setStatementTimeout(LIMIT));
    }

    @Test
    void aStatementThatRunsTooLongIsStoppedAndTheConnectionGoesOn() {
        long start = System.nanoTime();
        assertThat(failure(select(connection, ENDLESS + "SELECT count(*) FROM c")))
                .isInstanceOf(R2dbcTimeoutException.class)
                .hasMessage("statement stopped after PT0.2S (statementTimeout)");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(LIMIT, Duration.ofSeconds(10));
        assertThat(factory.metrics().statementTimeouts()).isOne();
        assertThat(factory.metrics().interrupts()).isOne();
        assertThat(awaitAll(select(connection, "SELECT 1"))).containsExactly(1L);
    }

    @Test
    void noTimeoutIsLostHoweverShort() {
        run(connection.setStatementTimeout(Duration.ofNanos(1000)));
        for (int i = 0; i < 200; i++) {
            assertThat(failure(select(connection, ENDLESS + "SELECT count(*) FROM c")))
                    .isInstanceOf(R2dbcTimeoutException.class);
        }
    }

    @Test
    void theTimeOfAllRowsCounts() {
        assertThat(failure(select(connection, ENDLESS + "SELECT x FROM c"))).isInstanceOf(R2dbcTimeoutException.class);
        settle(connection);
        assertThat(factory.metrics().openStatements()).isZero();
    }

    @Test
    void theTimeOfTheSubscriberDoesNotCount() {
        Flux<Object> slowlyRead = select(connection, "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3")
                .concatMap(row -> Flux.just(row).delaySequence(LIMIT), 0);
        StepVerifier.create(slowlyRead).expectNextCount(3).expectComplete().verify(PATIENCE);
        assertThat(factory.metrics().statementTimeouts()).isZero();
    }

    @Test
    void theTimeoutIsThatOfTheFactoryUnlessTheConnectionHasItsOwn() {
        SqliteConnectionFactory limited = SqliteConnectionFactory.of(
                configuration().statementTimeout(LIMIT).build());
        try {
            SqliteConnection other = (SqliteConnection) await(limited.create());
            assertThat(failure(select(other, ENDLESS + "SELECT count(*) FROM c")))
                    .isInstanceOf(R2dbcTimeoutException.class);
        } finally {
            run(limited.close());
        }
    }

    @Test
    void otherOpenResultsOfTheConnectionEndWithAnErrorAndDoNotBlockIt() {
        Flux<Object> outer = select(connection, "SELECT 1 UNION ALL SELECT 2")
                .concatMap(
                        row -> select(connection, ENDLESS + "SELECT count(*) FROM c")
                                .onErrorResume(R2dbcTimeoutException.class, error -> Flux.just("inner timed out")),
                        0);
        StepVerifier.create(outer)
                .expectNext("inner timed out")
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(R2dbcTransientResourceException.class)
                        .hasMessageContaining("another statement of the connection was stopped"))
                .verify(PATIENCE);
        assertThat(awaitAll(select(connection, "SELECT 1"))).containsExactly(1L);
    }
}
