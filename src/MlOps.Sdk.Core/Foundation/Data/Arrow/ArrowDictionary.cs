namespace MlOps.Sdk.Data;

/// <summary>The texts of a dictionary, in the order of their codes; a text may be null.</summary>
internal sealed class ArrowDictionary(List<string?> texts)
{
    // For each text its code in the batch that is being decoded, valid where the stamp is that batch's.
    private int[] _local = [];
    private int[] _stamps = [];
    private int _stamp;

    public int Count => texts.Count;

    public void Append(List<string?> more) => texts.AddRange(more);

    /// <summary>
    /// Gives a batch its own dictionary with just the texts that it uses, so that a batch stays small when the dictionary is large.
    /// </summary>
    /// <param name="codes">The codes of the file, -1 where there is no value; replaced by those of the batch.</param>
    /// <returns>The texts of the batch.</returns>
    public string[] Compact(Span<int> codes)
    {
        if (_local.Length < texts.Count)
        {
            Array.Resize(ref _local, texts.Count);
            Array.Resize(ref _stamps, texts.Count);
        }

        _stamp++;
        var used = new List<string>();
        foreach (ref var code in codes)
        {
            if (code < 0) continue;
            if (_stamps[code] != _stamp)
            {
                _stamps[code] = _stamp;
                _local[code] = texts[code] is { } text ? used.Count : -1;
                if (texts[code] is { } added) used.Add(added);
            }

            code = _local[code];
        }

        return [.. used];
    }
}
