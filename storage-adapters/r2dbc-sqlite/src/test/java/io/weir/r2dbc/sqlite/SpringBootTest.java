package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.ConnectionFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.r2dbc.health.ConnectionFactoryHealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.r2dbc.core.DatabaseClient;

class SpringBootTest {
    @TempDir
    Path directory;

    @Configuration
    @EnableAutoConfiguration
    static class Application {}

    @Configuration
    @EnableAutoConfiguration
    static class ApplicationWithOwnFactory {
        @Bean
        SqliteConnectionFactory connectionFactory() {
            return SqliteConnectionFactory.of(
                    SqliteConnectionConfiguration.builder().inMemory().build());
        }
    }

    private static void withApplication(
            Class<?> application, Consumer<ConfigurableApplicationContext> test, String... properties) {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "spring.jmx.enabled=false")
                .properties(properties)
                .run()) {
            test.accept(context);
        }
    }

    private static void assertWorks(ConfigurableApplicationContext context) {
        DatabaseClient client = context.getBean(DatabaseClient.class);
        SqliteFixture.run(client.sql("CREATE TABLE t (a)").then());
        SqliteFixture.run(client.sql("INSERT INTO t VALUES (:a)").bind("a", 7).then());
        assertThat(SqliteFixture.await(
                        client.sql("SELECT a FROM t").mapValue(Long.class).one()))
                .isEqualTo(7);
    }

    private static Health health(ConfigurableApplicationContext context) {
        return SqliteFixture.await(
                context.getBean(ConnectionFactoryHealthIndicator.class).health(true));
    }

    @Test
    void autoConfigurationMakesAPooledFactoryFromTheUrlAndHealthIsUp() {
        withApplication(
                Application.class,
                context -> {
                    assertThat(context.getBean(ConnectionFactory.class)).isInstanceOf(ConnectionPool.class);
                    assertWorks(context);
                    Health health = health(context);
                    assertThat(health.getStatus()).isEqualTo(Status.UP);
                    assertThat(health.getDetails())
                            .isEqualTo(Map.of("database", "SQLite", "validationQuery", "validate(REMOTE)"));
                },
                "spring.r2dbc.url=r2dbc:sqlite:file:///" + directory.resolve("boot.db") + "?synchronous=OFF",
                "spring.r2dbc.pool.initial-size=1",
                "spring.r2dbc.pool.max-size=2");
    }

    @Test
    void autoConfigurationWorksWithoutAPool() {
        withApplication(
                Application.class,
                SpringBootTest::assertWorks,
                "spring.r2dbc.url=r2dbc:sqlite:mem:///boot",
                "spring.r2dbc.pool.enabled=false");
    }

    @Test
    void aFactoryBeanIsClosedWithTheContext() {
        SqliteConnectionFactory[] factory = new SqliteConnectionFactory[1];
        withApplication(ApplicationWithOwnFactory.class, context -> {
            factory[0] = context.getBean(SqliteConnectionFactory.class);
            assertWorks(context);
            assertThat(health(context).getStatus()).isEqualTo(Status.UP);
        });
        SqliteFixture.assertNothingLeft(factory[0]);
        assertThat(SqliteFixture.failure(factory[0].create())).hasMessageContaining("is closed");
    }

    @Test
    void healthIsDownWhenTheDatabaseCannotBeOpened() {
        withApplication(
                Application.class,
                context -> assertThat(health(context).getStatus()).isEqualTo(Status.DOWN),
                "spring.r2dbc.url=r2dbc:sqlite:file:///" + directory.resolve("missing/a.db"),
                "spring.r2dbc.pool.enabled=false");
    }
}
