using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The rows of a call, as each version reads them that needs them: the one that answers, its fallback, its shadows. Versions that read the
/// same columns share what was read. Not thread-safe.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="listed">How many mistakes are listed at most.</param>
internal sealed class CallRows(RequestRows rows, int listed) : IDisposable
{
    private readonly List<(BufferedModel Model, RowBuffer? Buffer, Rejection? Failure)> _read = [];

    /// <summary>The ids of the rows; empty for new ones.</summary>
    public List<PredictionId> Ids => _read is [(_, { } first, _), ..] ? first.Ids : [];

    /// <summary>The rows as a version reads them.</summary>
    /// <exception cref="Rejection">They have mistakes.</exception>
    public RowBuffer Of(BufferedModel model)
    {
        foreach (var (reader, buffer, failure) in _read)
        {
            if (reader == model) return buffer ?? throw failure!;
        }

        foreach (var (_, buffer, _) in _read)
        {
            if (buffer is null || !model.Takes(buffer)) continue;
            _read.Add((model, buffer, null));
            return buffer;
        }

        return Read(model);
    }

    public void Dispose()
    {
        foreach (var (model, buffer, _) in _read)
        {
            if (buffer is not null) model.Return(buffer);
        }

        _read.Clear();
    }

    private RowBuffer Read(BufferedModel model)
    {
        var (buffer, mistakes) = (model.Rent(), new Mistakes(listed));
        try
        {
            rows.Read(buffer, mistakes);
            mistakes.ThrowIfAny();
        }
        catch (Rejection failure)
        {
            // A shadow asks once for each row.
            model.Return(buffer);
            _read.Add((model, null, failure));
            throw;
        }

        _read.Add((model, buffer, null));
        return buffer;
    }
}
