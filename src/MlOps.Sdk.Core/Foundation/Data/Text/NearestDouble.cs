using System.Numerics;

namespace MlOps.Sdk.Data;

/// <summary>
/// The double nearest to a decimal number of up to 19 digits, ties to even: the significand times the reciprocal of the power of five in
/// 128 bits, of which the upper 64 nearly always suffice (Lemire, "Number Parsing at a Gigabyte per Second", Software: Practice and
/// Experience 51, 2021; that no case is left over is shown by Mushtak and Lemire, 2023).
/// </summary>
internal static class NearestDouble
{
    /// <summary>The most decimals: reciprocals of larger powers of five do not fit 128 bits to the last digit.</summary>
    public const int MostDecimals = 27;

    /// <summary>The most digits of a significand that surely fits 64 bits.</summary>
    public const int MostDigits = 19;

    private const int FractionBits = 52;

    // Of the product's upper 64 bits the leading one, the fraction, one bit to round by and a spare one decide; when all below are set, the
    // lower half may carry into them.
    private const ulong Undecided = ulong.MaxValue >> (FractionBits + 3);

    // A decimal with more decimals is never half-way between two doubles when its significand fits 64 bits.
    private const int MostDecimalsOfATie = 4;

    private static readonly (ulong High, ulong Low)[] Reciprocals = [.. Enumerable.Range(0, MostDecimals + 1).Select(Reciprocal)];

    /// <summary>The double nearest to <paramref name="significand"/> / 10^<paramref name="decimals"/>.</summary>
    /// <param name="significand">The digits without the point.</param>
    /// <param name="decimals">How many digits stand behind the point, up to <see cref="MostDecimals"/>.</param>
    public static double Of(ulong significand, int decimals)
    {
        if (significand == 0) return 0;
        var shift = BitOperations.LeadingZeroCount(significand);
        var (reciprocalHigh, reciprocalLow) = Reciprocals[decimals];
        var shifted = significand << shift;
        var high = Math.BigMul(shifted, reciprocalHigh, out var low);
        if ((high & Undecided) == Undecided)
        {
            var carry = Math.BigMul(shifted, reciprocalLow, out _);
            low += carry;
            if (low < carry) high++;
        }

        var leading = (int)(high >> 63);
        var toDrop = leading + 64 - FractionBits - 3;
        var fraction = high >> toDrop;

        // Exactly half-way, and the even neighbour is below.
        if (low <= 1 && decimals <= MostDecimalsOfATie && (fraction & 3) == 1 && fraction << toDrop == high) fraction &= ~1UL;
        fraction = (fraction + (fraction & 1)) >> 1;

        // floor(log2(10^-decimals)), as the power of two of the product's leading bit.
        var exponent = ((217_706 * -decimals) >> 16) + 63 + leading - shift + 1023;
        if (fraction >= 2UL << FractionBits)
        {
            fraction = 1UL << FractionBits;
            exponent++;
        }

        return BitConverter.UInt64BitsToDouble(((ulong)exponent << FractionBits) | (fraction & ~(1UL << FractionBits)));
    }

    // 1 / 5^n, scaled to 128 bits and rounded up.
    private static (ulong High, ulong Low) Reciprocal(int n)
    {
        var power = BigInteger.Pow(5, n);
        var scaled = n == 0 ? BigInteger.One << 127 : (BigInteger.One << ((int)(power - 1).GetBitLength() + 127)) / power + 1;
        return ((ulong)(scaled >> 64), (ulong)(scaled & ulong.MaxValue));
    }
}
