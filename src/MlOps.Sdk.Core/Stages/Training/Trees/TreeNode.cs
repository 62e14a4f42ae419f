using System.Runtime.InteropServices;

namespace MlOps.Sdk.Training;

/// <summary>
/// A node of a stored tree. The next node is <c>Left + (x ≥ Threshold ? 1 : 0)</c>, or <c>Left + MissingRight</c> for NaN.
/// A leaf points to itself under a threshold that nothing reaches, so walking on is harmless. A set instead goes right when any of its
/// features is above 0.
/// </summary>
/// <param name="Threshold">Values from here on go right; NaN sends every value left.</param>
/// <param name="Slot">The feature; for a set, where it begins in the array of all sets: the number of its features, then they.</param>
/// <param name="Left">The left child, in the array of all trees' nodes; the right one is the next.</param>
/// <param name="MissingRight">1 when missing values go right, else 0; <see cref="Set"/> for a set.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TreeNode(float Threshold, int Slot, int Left, int MissingRight)
{
    /// <summary>Stands in <see cref="MissingRight"/> of a set.</summary>
    public const int Set = 2;

    public static TreeNode LeafAt(int index) => new(float.NaN, 0, index, 0);
}
