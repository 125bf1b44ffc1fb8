package io.weir.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorCode;
import io.weir.common.error.WeirException;
import io.weir.common.memory.Reservation;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** REQUIREMENTS P1, invariant 3. */
class AdmissionTest {

    private static final long MIB = 1 << 20;
    private static final RequestSize SMALL = new RequestSize(100, 0, 0);

    private final AtomicInteger relieved = new AtomicInteger();

    private Admission admission(AdmissionSettings settings) {
        return new Admission(10 * MIB, settings, 4 * MIB, organisation -> relieved.incrementAndGet());
    }

    private static AdmissionSettings settings(int organisation, int request, int buffers) {
        return new AdmissionSettings(
                DataSize.ofMegabytes(organisation), DataSize.ofMegabytes(request), DataSize.ofMegabytes(buffers));
    }

    private static void assertRefused(ErrorCode code, String message, ThrowingCallable attempt) {
        assertThatThrownBy(attempt).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).isEqualTo(message);
        });
    }

    @Test
    void whileMemoryIsShortRequestsAreRefusedFromHalfOn() { // REQUIREMENTS O3
        Admission admission = admission(AdmissionSettings.DEFAULT);
        RequestMemory before = admission.admit("acme", SMALL);
        before.accept(4 * MIB);
        RequestMemory second = admission.admit("acme", SMALL);
        second.accept(MIB);
        admission.press(true);
        assertThatThrownBy(() -> admission.admit("acme", SMALL))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.OVERLOADED));
        before.accept(10); // those under way go on
        admission.press(false);
        admission.admit("acme", SMALL).close();
        before.close();
        second.close();
        admission.press(true);
        admission.admit("acme", SMALL).close();
        assertThat(admission.process().usedBytes()).isZero();
    }

    @Test
    void whatCanNeverFitIsTooLargeAndWhatDoesNotFitNowIsOverload() { // LESSONS 60
        Admission admission = admission(AdmissionSettings.DEFAULT);
        String never = "the body needs more than 5242880 bytes of memory (weir.ingest.memory-per-request);"
                + " send it in smaller pieces";
        assertRefused(
                CommonError.BODY_TOO_LARGE,
                never,
                () -> admission.admit("acme", new RequestSize(6 * MIB, 6 * MIB, 6 * MIB)));
        RequestMemory one = admission.admit("acme", SMALL);
        assertRefused(CommonError.BODY_TOO_LARGE, never, () -> one.accept(5 * MIB));
        one.accept(4 * MIB);
        RequestMemory two = admission.admit("acme", SMALL);
        two.accept(4 * MIB);
        RequestMemory three = admission.admit("acme", SMALL);
        assertThatThrownBy(() -> three.accept(4 * MIB))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.OVERLOADED));
        assertThat(relieved).hasValue(1);
        assertThat(admission.decode().refusedCount()).isEqualTo(1);
        two.close();
        three.accept(4 * MIB);
        one.close();
        three.close();
        assertThat(admission.process().usedBytes()).isZero();
    }

    @Test
    void anOrganisationThatUsesItsShareLeavesTheOthersTheirs() { // LESSONS 47: the setting acts
        Admission admission = admission(settings(3, 3, 10));
        RequestMemory greedy = admission.admit("greedy", SMALL);
        greedy.accept(5 * MIB / 2);
        assertThatThrownBy(() -> admission.admit("greedy", new RequestSize(-1, 0, MIB)))
                .hasMessageStartingWith("no memory left for greedy: ");
        RequestMemory other = admission.admit("other", SMALL);
        other.accept(5 * MIB / 2);
        greedy.close();
        other.close();
        assertThat(admission.organisations().size()).isZero();
    }

    @Test
    void aRequestIsRefusedByItsHeadersWhileTheLogIsBehind() {
        Admission admission = admission(AdmissionSettings.DEFAULT);
        Reservation waiting = admission.claim("acme", 4 * MIB, admission.log());
        assertRefused(
                CommonError.OVERLOADED,
                "no memory left: 4194304 of 4194304 bytes of rows wait for the write-ahead log",
                () -> admission.admit("acme", SMALL));
        assertThat(admission.log().refusedCount()).isEqualTo(1);
        waiting.close();
        admission.admit("acme", SMALL).close();
    }

    @Test
    void aRequestIsRefusedByItsHeadersWhileTheBuffersAreFull() { // LESSONS 47: the setting acts
        Admission admission = admission(settings(10, 5, 2));
        Reservation waiting = admission.claim("acme", 2 * MIB, admission.buffer());
        assertRefused(
                CommonError.OVERLOADED,
                "no memory left: 2097152 of 2097152 bytes of rows wait for their files",
                () -> admission.admit("acme", SMALL));
        assertThat(admission.buffer().refusedCount()).isEqualTo(1);
        assertThat(relieved).hasValue(1);
        assertThat(admission.process().usedBytes())
                .as("a refusal takes nothing")
                .isEqualTo(2 * MIB);
        waiting.close();
    }

    @Test
    void whatIsExpectedIsReservedInAdvanceUsedFirstAndGivenBack() {
        Admission admission = admission(AdmissionSettings.DEFAULT);
        RequestMemory request = admission.admit("acme", new RequestSize(MIB, 0, MIB));
        long reserved = admission.process().usedBytes();
        assertThat(reserved).isGreaterThan(MIB);
        request.accept(MIB / 2);
        assertThat(admission.process().usedBytes()).isEqualTo(reserved);
        request.accept(MIB);
        assertThat(admission.process().usedBytes()).isEqualTo(reserved + MIB / 2);
        request.accept(-MIB);
        request.settle();
        assertThat(admission.process().usedBytes()).isEqualTo(reserved - MIB / 2);
        request.close();
        assertThat(admission.process().usedBytes()).isZero();
    }

    @Test
    void rowsHandedOverOutliveTheirRequest() { // a client that goes away during the append frees nothing the log holds
        Admission admission = admission(AdmissionSettings.DEFAULT);
        RequestMemory request = admission.admit("acme", SMALL);
        request.accept(1_000);
        Reservation rows = request.handOver(1_000);
        request.close();
        assertThat(admission.decode().usedBytes()).isZero();
        assertThat(admission.log().usedBytes()).isEqualTo(1_000);
        rows.close();
        assertThat(admission.process().usedBytes()).isZero();
    }

    @Test
    void anAbandonedRequestIsClosedByItsReaderIfItHasOne() { // invariant 5
        Admission admission = admission(AdmissionSettings.DEFAULT);
        RequestMemory unread = admission.admit("acme", SMALL);
        unread.abandon();
        assertThat(admission.process().usedBytes()).isZero();
        assertThatThrownBy(unread::entrust).isInstanceOf(CancellationException.class);
        RequestMemory read = admission.admit("acme", SMALL);
        read.entrust();
        read.abandon();
        assertThat(admission.process().usedBytes())
                .as("the reader still uses it")
                .isPositive();
        read.accept(100);
        read.close();
        assertThat(admission.process().usedBytes()).isZero();
    }
}
