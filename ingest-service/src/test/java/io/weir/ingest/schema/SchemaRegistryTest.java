package io.weir.ingest.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.test.StepVerifier;

class SchemaRegistryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final DatabaseId IOT = new DatabaseId("default", "iot");

    @TempDir
    Path directory;

    private CatalogConnections connections;
    private Catalog catalog;

    @BeforeEach
    void open() {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
    }

    @AfterEach
    void close() {
        connections.close().block(PATIENCE);
    }

    private static ColumnBatch batch(FieldColumn field) {
        SeriesTable noTags = new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]);
        return new ColumnBatch("m", 1, new long[1], null, noTags, new int[1], List.of(field));
    }

    private static ColumnBatch integer(String name) {
        return batch(new LongColumn(name, ColumnType.INT64, new long[1], null));
    }

    private static ColumnBatch decimal(String name) {
        return batch(new DoubleColumn(name, new double[1], null));
    }

    private DatabaseSchemas opened(SchemaRegistry registry) {
        DatabaseSchemas schemas = registry.open(IOT).block(PATIENCE);
        assertThat(schemas).isNotNull();
        return schemas;
    }

    @Test
    void newColumnsAreInTheCatalogBeforeARowIsAdmitted() {
        SchemaRegistry registry = new SchemaRegistry(catalog, true);
        DatabaseSchemas schemas = opened(registry);
        registry.admit(schemas, List.of(integer("v"))).block(PATIENCE);
        assertThat(catalog.schemas(IOT).blockFirst(PATIENCE).schema().columns())
                .containsExactly(new Column("v", ColumnType.INT64));
        assertThat(schemas.find("m"))
                .isEqualTo(opened(new SchemaRegistry(catalog, true)).find("m"));
    }

    @Test
    void aWriterThatLosesARaceForATypeIsToldToTryAgainAndThenKnowsIt() { // LESSONS 22
        SchemaRegistry one = new SchemaRegistry(catalog, true);
        SchemaRegistry two = new SchemaRegistry(catalog, true);
        DatabaseSchemas ofOne = opened(one);
        DatabaseSchemas ofTwo = opened(two);
        one.admit(ofOne, List.of(integer("v"))).block(PATIENCE);
        StepVerifier.create(two.admit(ofTwo, List.of(decimal("v"))))
                .expectErrorSatisfies(e -> assertThat(code(e)).isEqualTo(CommonError.OVERLOADED))
                .verify(PATIENCE);
        assertThat(ofTwo.find("m").find("v")).isEqualTo(new Column("v", ColumnType.INT64));
    }

    @Test
    void nothingIsCreatedWhenCreatingIsSwitchedOff() { // LESSONS 47
        SchemaRegistry registry = new SchemaRegistry(catalog, false);
        StepVerifier.create(registry.admit(opened(registry), List.of(integer("v"))))
                .expectErrorSatisfies(e -> assertThat(code(e)).isEqualTo(CommonError.DATABASE_NOT_FOUND))
                .verify(PATIENCE);
        catalog.createDatabase(IOT).block(PATIENCE);
        SchemaRegistry later = new SchemaRegistry(catalog, false);
        StepVerifier.create(later.admit(opened(later), List.of(integer("v"))))
                .expectErrorSatisfies(e -> assertThat(code(e)).isEqualTo(CommonError.MEASUREMENT_NOT_FOUND))
                .verify(PATIENCE);
    }

    @Test
    void databasesThatDoNotExistAreNotRemembered() { // invariant 3: names are made up faster than memory is
        SchemaRegistry registry = new SchemaRegistry(catalog, true);
        for (int i = 0; i < 500; i++) {
            registry.open(new DatabaseId("default", "wrong" + i)).block(PATIENCE);
        }
        assertThat(registry.remembered()).isZero();
        registry.admit(opened(registry), List.of(integer("v"))).block(PATIENCE);
        assertThat(registry.remembered()).isEqualTo(1);
        assertThat(opened(registry)).isSameAs(opened(registry));
    }

    @Test
    void ofManyDatabasesOnlySomeAreRememberedAndNoneIsForgottenForGood() { // invariant 3
        SchemaRegistry registry = new SchemaRegistry(catalog, true, 5);
        for (int i = 0; i < 20; i++) {
            DatabaseSchemas schemas =
                    registry.open(new DatabaseId("default", "db" + i)).block(PATIENCE);
            registry.admit(schemas, List.of(integer("v"))).block(PATIENCE);
            assertThat(registry.remembered()).isLessThanOrEqualTo(5);
        }
        for (int i = 0; i < 20; i++) {
            DatabaseSchemas schemas =
                    registry.open(new DatabaseId("default", "db" + i)).block(PATIENCE);
            assertThat(schemas.find("m")).isNotNull();
        }
        assertThat(registry.remembered()).isLessThanOrEqualTo(5);
    }

    @Test
    void whatTwoFirstWritersOfADatabaseLearnEndsUpTogether() { // a flush must find the schema of every admitted row
        SchemaRegistry registry = new SchemaRegistry(catalog, true);
        DatabaseSchemas ofOne = opened(registry);
        DatabaseSchemas ofOther = opened(registry);
        assertThat(ofOne).isNotSameAs(ofOther);
        registry.admit(ofOne, List.of(integer("v"))).block(PATIENCE);
        registry.admit(ofOther, List.of(integer("v"), decimal("w"))).block(PATIENCE);
        assertThat(opened(registry).find("m").columns())
                .extracting(Column::name)
                .containsExactly("v", "w");
    }

    @Test
    void aCatalogThatCouldNotBeReadIsAskedAgain() {
        SchemaRegistry registry = new SchemaRegistry(catalog, true);
        connections.close().block(PATIENCE);
        StepVerifier.create(registry.open(IOT)).expectError(WeirException.class).verify(PATIENCE);
        StepVerifier.create(registry.open(IOT)).expectError(WeirException.class).verify(PATIENCE);
        assertThat(registry.remembered()).isZero();
    }

    private static ErrorCode code(Throwable failure) {
        return ((WeirException) failure).code();
    }
}
