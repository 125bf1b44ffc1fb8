package io.weir.common.limit;

import io.netty.util.NetUtil;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin with the same bits, written {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or as one address.
 * IPv4 addresses written as IPv6 are IPv4 addresses.
 */
final class AddressRange {

    private static final int MAPPED_PREFIX = 12;

    private final byte[] address;
    private final int bits;

    private AddressRange(byte[] address, int bits) {
        this.address = address;
        this.bits = bits;
    }

    /** Reads one; fails with {@code IllegalArgumentException} when it is none. Never asks a name server. */
    static AddressRange of(String text) {
        int slash = text.indexOf('/');
        byte[] address = bytes(slash < 0 ? text : text.substring(0, slash));
        int bits = address == null ? -1 : bits(text, slash, address.length * Byte.SIZE);
        if (address == null || bits < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no range of addresses (expected: such as 10.0.0.0/8 or 2001:db8::/32)");
        }
        return new AddressRange(address, bits);
    }

    private static int bits(String text, int slash, int most) {
        if (slash < 0) {
            return most;
        }
        String digits = text.substring(slash + 1);
        boolean number =
                !digits.isEmpty() && digits.length() <= 3 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int bits = number ? Integer.parseInt(digits) : -1;
        return bits <= most ? bits : -1;
    }

    /** The 4 or 16 bytes of an address in numbers, an IPv4 one in IPv6 as 4; null when it is none. */
    static byte @Nullable [] bytes(String literal) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(literal);
        return address == null ? null : plain(address);
    }

    /** An IPv4 address inside IPv6 as its 4 bytes; any other as it is. */
    static byte[] plain(byte[] address) {
        if (address.length != 16 || address[10] != -1 || address[11] != -1) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return Arrays.copyOfRange(address, MAPPED_PREFIX, address.length);
    }

    boolean contains(byte[] other) {
        if (other.length != address.length) {
            return false;
        }
        int whole = bits / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (other[i] != address[i]) {
                return false;
            }
        }
        int rest = bits % Byte.SIZE;
        return rest == 0 || ((other[whole] ^ address[whole]) & 0xff) >>> (Byte.SIZE - rest) == 0;
    }

    @Override
    public String toString() {
        return NetUtil.bytesToIpAddress(address) + "/" + bits;
    }
}
