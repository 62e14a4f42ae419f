using System.Text.Json;
using MlOps.Sdk.Execution;

namespace MlOps.Sdk.Training;

/// <summary>
/// Says what decides the result of a trial: the rows and what is done with them, the folds, the metrics, the trainer with its code and
/// version, and the setting. Other trainers and the number of trials do not, so that a search that was extended takes over what it can.
/// </summary>
internal sealed class TrialKeys
{
    private readonly Dictionary<string, FingerprintBuilder> _ofCandidates = new(StringComparer.Ordinal);
    private readonly string? _opaque;

    /// <param name="shared">What decides the result of every trial.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="candidates">The trainers.</param>
    public TrialKeys(FingerprintBuilder shared, int folds, IReadOnlyList<SearchCandidate> candidates)
    {
        _opaque = shared.Opaque;
        var parts = shared.Parts;
        foreach (var candidate in candidates)
        {
            var key = new FingerprintBuilder();
            foreach (var (name, value) in parts) key.Add(name, value);
            key.Add("folds", FormattableString.Invariant($"{folds}"))
                .Add("trainer name", candidate.Trainer.Name)
                .Add("trainer version", candidate.Trainer.Version)
                .AddObject("trainer", candidate.Trainer);
            _ofCandidates[candidate.Name] = key;
        }
    }

    /// <summary>The key of a trial; <see langword="null"/> where what decides its result cannot be described.</summary>
    public string? Of(SearchCandidate candidate, IReadOnlyDictionary<string, HyperparameterValue> parameters)
    {
        var key = _ofCandidates[candidate.Name];
        if (_opaque is not null || key.Opaque is not null) return null;
        return key.Add("parameters", Text(parameters)).Compute();
    }

    private static string Text(IReadOnlyDictionary<string, HyperparameterValue> parameters) => JsonSerializer.Serialize(
        new SortedDictionary<string, HyperparameterValue>(parameters.ToDictionary(), StringComparer.Ordinal),
        TrainingJson.Default.SortedDictionaryStringHyperparameterValue);
}
