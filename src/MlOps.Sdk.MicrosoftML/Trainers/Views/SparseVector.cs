using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Writes feature vectors that are kept in two parts.</summary>
internal static class SparseVector
{
    /// <summary>Writes a vector of dense features, which come first, and of sparse ones.</summary>
    /// <param name="to">Where to write; its memory is used again.</param>
    /// <param name="width">The length of the vector.</param>
    /// <param name="dense">The values of the dense features.</param>
    /// <param name="slots">The slots of the sparse features that are there, ascending.</param>
    /// <param name="values">Their values.</param>
    public static void Write(
        ref VBuffer<float> to, int width, ReadOnlySpan<float> dense, ReadOnlySpan<int> slots, ReadOnlySpan<float> values)
    {
        // A zero that is written out would count as a level that is present.
        var editor = VBufferEditor.Create(ref to, width, dense.Length - dense.Count(0f) + slots.Length, requireIndicesOnDense: true);
        var at = 0;
        for (var slot = 0; slot < dense.Length; slot++)
        {
            if (dense[slot] == 0) continue;
            editor.Indices[at] = slot;
            editor.Values[at] = dense[slot];
            at++;
        }

        slots.CopyTo(editor.Indices[at..]);
        values.CopyTo(editor.Values[at..]);
        to = editor.Commit();
    }
}
