namespace MlOps.Sdk.Statistics;

/// <summary>Compares the largest gaps between groups of two models on the same rows.</summary>
/// <remarks>
/// Which pair of groups has a model's true gap is not known where several are close, or where the sign of one is not. The interval is the
/// union over all pairs that the rows allow, of the interval for the difference of two given gaps with their signs: one of them is the
/// difference requested, and that one holds. Each is made from Wilson's limits of the four shares (Zou and Donner 2008), with the
/// correlation of the two models' decisions in a group. Where both pairs are clear it is that interval alone.
/// </remarks>
internal static class GapComparison
{
    private const int MostPairs = 400;

    /// <summary>The gap of the first model minus that of the second: positive where the second treats the groups more alike.</summary>
    /// <param name="families">Shares of groups that are compared with each other, for either model.</param>
    /// <param name="isRatio">Whether gaps are ratios, of which the smallest counts, instead of differences.</param>
    /// <param name="level">The confidence.</param>
    public static PairedComparison Compare(IReadOnlyList<IReadOnlyList<PairedShare>> families, bool isRatio, double level)
    {
        var z = Distribution.NormalQuantile(0.5 + level / 2);
        var limits = families.Select(family => family.Select(share => (First: share.First.At(z), Second: share.Second.At(z))).ToArray())
            .ToArray();
        var first = Pairs(second: false);
        var second = Pairs(second: true);
        double difference = first.Max(pair => pair.Gap) - second.Max(pair => pair.Gap);
        double lower = double.PositiveInfinity, upper = double.NegativeInfinity, least = double.PositiveInfinity, most = -least;
        foreach (var a in Plausible(first))
        {
            foreach (var b in Plausible(second))
            {
                var gap = a.Gap - b.Gap;
                var (low, high) = Bounds(a, b);
                lower = Math.Min(lower, low);
                upper = Math.Max(upper, high);
                least = Math.Min(least, Standardized(gap, gap - low));
                most = Math.Max(most, Standardized(gap, high - gap));
            }
        }

        // In standard errors: the least sure combination, and 0 where combinations disagree on the sign.
        var sure = least > 0 ? least : most < 0 ? most : 0;
        return new PairedComparison(
            difference,
            (upper - lower) / (2 * z),
            sure,
            Distribution.NormalP(sure, Alternative.TwoSided),
            new ConfidenceInterval(lower, upper, level));

        double Standardized(double gap, double half) => half == 0 ? gap == 0 ? 0 : gap * double.PositiveInfinity : z * gap / half;

        List<Pair> Pairs(bool second)
        {
            var pairs = new List<Pair>();
            for (var f = 0; f < families.Count; f++)
            {
                for (var i = 0; i < families[f].Count; i++)
                {
                    for (var j = 0; j < families[f].Count; j++)
                    {
                        if (i == j) continue;
                        var p = second ? families[f][i].Second.Value : families[f][i].First.Value;
                        var q = second ? families[f][j].Second.Value : families[f][j].First.Value;

                        // A ratio counts the other way round: the smaller, the larger the gap. One to 0 is never the smallest.
                        if (isRatio && q == 0) continue;
                        var pair = isRatio
                            ? new Pair(f, i, j, -p / q, -1 / q, p / (q * q))
                            : new Pair(f, i, j, p - q, 1, -1);
                        var (down, up) = (Half(pair, second, lower: true), Half(pair, second, lower: false));
                        pairs.Add(pair with { Lower = pair.Gap - down, Upper = pair.Gap + up });
                    }
                }
            }

            return pairs;
        }

        double Half(Pair pair, bool second, bool lower)
        {
            var (x, y) = (Side(pair, pair.I, pair.OfI, second, lower), Side(pair, pair.J, pair.OfJ, second, lower));
            return Math.Sqrt(x * x + y * y);
        }

        // How far a share moves a sum with a coefficient down, or up, within its limits.
        double Side(Pair pair, int group, double coefficient, bool second, bool lower)
        {
            var share = families[pair.Family][group];
            var value = second ? share.Second.Value : share.First.Value;
            var (low, high) = second ? limits[pair.Family][group].Second : limits[pair.Family][group].First;
            return Math.Abs(coefficient) * (coefficient > 0 == lower ? value - low : high - value);
        }

        (double Lower, double Upper) Bounds(Pair a, Pair b)
        {
            var gap = a.Gap - b.Gap;
            return (gap - Joint(lower: true), gap + Joint(lower: false));

            double Joint(bool lower)
            {
                var sum = Square(Side(a, a.I, a.OfI, false, lower)) + Square(Side(a, a.J, a.OfJ, false, lower))
                    + Square(Side(b, b.I, -b.OfI, true, lower)) + Square(Side(b, b.J, -b.OfJ, true, lower));
                if (a.Family == b.Family)
                {
                    sum += Shared(a.I, a.OfI, b.I, -b.OfI, lower) + Shared(a.I, a.OfI, b.J, -b.OfJ, lower)
                        + Shared(a.J, a.OfJ, b.I, -b.OfI, lower) + Shared(a.J, a.OfJ, b.J, -b.OfJ, lower);
                }

                return Math.Sqrt(Math.Max(0, sum));
            }

            double Shared(int ofFirst, double x, int ofSecond, double y, bool lower) =>
                ofFirst != ofSecond ? 0
                : 2 * Math.Sign(x) * Math.Sign(y) * families[a.Family][ofFirst].Correlation
                    * Side(a, ofFirst, x, false, lower) * Side(b, ofSecond, y, true, lower);
        }
    }

    private static double Square(double x) => x * x;

    /// <summary>The pairs that can have the largest gap: those whose upper bound no other pair's lower bound exceeds.</summary>
    private static Pair[] Plausible(List<Pair> pairs)
    {
        var surely = pairs.Max(pair => pair.Lower);
        return [.. pairs.Where(pair => pair.Upper >= surely).OrderByDescending(pair => pair.Upper).Take(MostPairs)];
    }

    private readonly record struct Pair(int Family, int I, int J, double Gap, double OfI, double OfJ)
    {
        public double Lower { get; init; }

        public double Upper { get; init; }
    }
}
