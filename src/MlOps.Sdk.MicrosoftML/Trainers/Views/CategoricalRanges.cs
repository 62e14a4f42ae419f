using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet;

/// <summary>Which slots are the levels of one column, so that trees can split on any set of levels at once.</summary>
internal static class CategoricalRanges
{
    /// <summary>
    /// The first and the last slot of each group of levels, one pair after the other. A level that stands alone is a flag, and no group.
    /// </summary>
    /// <param name="slots">The slots; those of a group lie side by side.</param>
    public static int[] Of(IReadOnlyList<FeatureSlot> slots)
    {
        var ranges = new List<int>();
        for (var first = 0; first < slots.Count;)
        {
            var last = first;
            while (last + 1 < slots.Count && IsOfGroup(slots[first], slots[last + 1])) last++;
            if (last > first) ranges.AddRange([first, last]);
            first = last + 1;
        }

        return [.. ranges];
    }

    private static bool IsOfGroup(FeatureSlot first, FeatureSlot next) =>
        first is { Kind: SlotKind.Level, Group: not null } && next.Kind == SlotKind.Level && next.Group == first.Group;
}
