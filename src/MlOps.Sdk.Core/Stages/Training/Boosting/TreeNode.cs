using System.Runtime.InteropServices;

namespace MlOps.Sdk.Training;

/// <summary>
/// A node of a stored tree. The next node is <c>Left + (x ≥ Threshold ? 1 : 0)</c>, or <c>Left + MissingRight</c> for NaN.
/// A leaf points to itself under a threshold that nothing reaches, so walking on is harmless.
/// </summary>
/// <param name="Threshold">Values from here on go right; NaN sends every value left.</param>
/// <param name="Slot">The feature.</param>
/// <param name="Left">The left child, in the array of all trees' nodes; the right one is the next.</param>
/// <param name="MissingRight">1 when missing values go right, else 0.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TreeNode(float Threshold, int Slot, int Left, int MissingRight);
