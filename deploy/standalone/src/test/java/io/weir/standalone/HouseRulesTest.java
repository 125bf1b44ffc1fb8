package io.weir.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/** The arrows between modules and packages, and the calls no feature may make. */
class HouseRulesTest {

    private static JavaClasses house;

    @BeforeAll
    static void importHouse() {
        house = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.weir");
        assertThat(house.size()).isGreaterThan(100);
    }

    private static void check(ArchRule rule) {
        rule.check(house);
    }

    @Test
    void theServicesNeverImportEachOther() {
        check(noClasses()
                .that()
                .resideInAPackage("io.weir.ingest..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.weir.query..", "io.weir.access..", "io.weir.standalone.."));
        check(noClasses()
                .that()
                .resideInAPackage("io.weir.query..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.weir.ingest..", "io.weir.access..", "io.weir.standalone.."));
    }

    @Test
    void storageAndCommonKnowNothingAboveThem() {
        check(noClasses()
                .that()
                .resideInAPackage("io.weir.storage..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.weir.ingest..", "io.weir.query..", "io.weir.access..", "io.weir.standalone.."));
        check(noClasses()
                .that()
                .resideInAPackage("io.weir.common..")
                .should()
                .dependOnClassesThat(resideOutsideOf("io.weir.common..")));
        check(noClasses()
                .that()
                .resideInAPackage("io.weir.r2dbc..")
                .should()
                .dependOnClassesThat(resideOutsideOf("io.weir.r2dbc..")));
    }

    private static DescribedPredicate<JavaClass> resideOutsideOf(String allowed) {
        return DescribedPredicate.<JavaClass>describe(
                        "belong to Weir", type -> type.getPackageName().startsWith("io.weir."))
                .and(not(resideInAPackage(allowed)));
    }

    @Test
    void packagesOfAModuleFormNoCycles() {
        for (String root : new String[] {
            "io.weir.common", "io.weir.storage", "io.weir.ingest", "io.weir.query", "io.weir.standalone",
        }) {
            check(slices().matching(root + ".(*)..").should().beFreeOfCycles());
        }
    }

    @Test
    void ingestFlowsOneWay() {
        check(noClasses()
                .that()
                .resideInAPackage("io.weir.ingest.decode..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.weir.ingest.schema..",
                        "io.weir.ingest.wal..",
                        "io.weir.ingest.buffer..",
                        "io.weir.ingest.flush..",
                        "io.weir.ingest.edge.."));
        check(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.weir.ingest.wal..",
                        "io.weir.ingest.buffer..",
                        "io.weir.ingest.flush..",
                        "io.weir.ingest.schema..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.weir.ingest.edge.."));
    }

    @Test
    void threadsForReactiveWorkAreMadeInFewPlaces() {
        check(noClasses()
                // The engine owns the threads its native statements block, one a session.
                .that(not(
                        resideInAnyPackage("io.weir.common.schedule..", "io.weir.r2dbc..", "io.weir.storage.duckdb..")))
                .should()
                .callMethodWhere(calls(
                        "a factory of schedulers",
                        call -> call.getTargetOwner().isEquivalentTo(Schedulers.class)
                                && call.getName().startsWith("new"))));
        check(noClasses()
                .should()
                .callMethod(Schedulers.class, "boundedElastic")
                .orShould()
                .callMethod(Schedulers.class, "elastic"));
    }

    @Test
    void nobodyWaitsForAPublisherButStartAndStop() {
        Set<String> waitAtStartOrStop = Set.of(
                "io.weir.common.schedule.WeirSchedulers",
                "io.weir.common.supervise.Supervisor",
                "io.weir.ingest.IngestService",
                "io.weir.ingest.ReplayIntake",
                "io.weir.ingest.warmup.PracticeServer",
                "io.weir.query.warmup.QueryWarmUp",
                "io.weir.storage.duckdb.DuckDbEngine",
                "io.weir.storage.upkeep.ReaderPresence",
                "io.weir.standalone.server.SharedConfiguration",
                "io.weir.standalone.server.QueryRoleConfiguration",
                "io.weir.standalone.server.StorageConfiguration",
                "io.weir.standalone.server.BackupRunner",
                "io.weir.standalone.server.StorageCheckRunner",
                "io.weir.standalone.server.AccessConfiguration",
                "io.weir.standalone.server.RedisConfiguration",
                "io.weir.standalone.server.TokenRecoveryRunner");
        check(noClasses()
                .that(DescribedPredicate.<JavaClass>describe(
                        "do not start or stop the process", type -> !waitAtStartOrStop.contains(type.getFullName())))
                .should()
                .callMethodWhere(calls(
                        "block on a publisher",
                        call -> call.getName().startsWith("block")
                                && call.getTargetOwner().getPackageName().equals("reactor.core.publisher"))));
        check(noClasses()
                .that(not(resideInAPackage("io.weir.standalone.cli..")))
                .should()
                .callMethod(Thread.class, "sleep", long.class));
    }

    private static DescribedPredicate<JavaCall<?>> calls(String what, Predicate<? super JavaCall<?>> predicate) {
        return DescribedPredicate.describe(what, predicate);
    }

    @Test
    void onlyOneJsonLibraryIsUsed() {
        check(noClasses().should().dependOnClassesThat().resideInAPackage("com.fasterxml.jackson.databind.."));
    }

    @Test
    void springStaysAtTheEdge() {
        check(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.weir.common.batch..",
                        "io.weir.common.model..",
                        "io.weir.common.schema..",
                        "io.weir.ingest.decode..",
                        "io.weir.ingest.buffer..",
                        "io.weir.ingest.flush..",
                        "io.weir.storage.parquet..",
                        "io.weir.storage.object..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.springframework.."));
    }

    @Test
    void nothingPrintsButTheCommandLine() {
        check(noClasses()
                // Support of tests says what it skips.
                .that(not(resideInAnyPackage("io.weir.standalone..", "io.weir.testing..")))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err"));
    }

    @Test
    void everyPackageSaysWhatItOwnsAndIsNullMarked() {
        for (JavaClass type : house) {
            if (type.getPackageName().equals("io.weir.testing")) {
                continue; // test support of every module
            }
            JavaPackage owner = type.getPackage();
            assertThat(owner.tryGetPackageInfo())
                    .as("package-info of " + owner.getName())
                    .isPresent();
            assertThat(owner.isAnnotatedWith(NullMarked.class))
                    .as(owner.getName() + " is @NullMarked")
                    .isTrue();
        }
        check(classes()
                .that()
                .haveSimpleNameEndingWith("Impl")
                .or()
                .haveSimpleNameEndingWith("Util")
                .or()
                .haveSimpleNameEndingWith("Helper")
                .or()
                .haveSimpleNameEndingWith("Manager")
                .should()
                .bePrivate()
                .allowEmptyShould(true));
    }
}
