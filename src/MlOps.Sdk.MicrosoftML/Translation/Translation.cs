using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>A model of Microsoft.ML as a model of the core, or why it could not become one.</summary>
internal sealed class Translation
{
    private Translation()
    {
    }

    /// <summary>The model, which needs nothing of Microsoft.ML; <see langword="null"/> when it could not be translated.</summary>
    public IModel? Model { get; private init; }

    /// <summary>Why it could not be translated, as a sentence; <see langword="null"/> when it was.</summary>
    public string? WhyNot { get; private init; }

    /// <summary>What it consists of, for example <c>100 trees</c>.</summary>
    public string Parts { get; private init; } = "";

    /// <summary>What it was held to on all rows that it was compared on.</summary>
    public TranslationExactness Exactness { get; private init; }

    /// <summary>The number of rows on which it was compared with the library's own predictions.</summary>
    public int ComparedRows { get; private init; }

    /// <summary>Features of whose missing values the model says what was learned, and the library something else.</summary>
    public IReadOnlyList<int> Corrected { get; private init; } = [];

    public static Translation Of(IModel model, string parts, TranslationPlan plan, int comparedRows) => new()
    {
        Model = model,
        Parts = parts,
        Exactness = plan.Exactness,
        ComparedRows = comparedRows,
        Corrected = plan.Corrected,
    };

    public static Translation Refused(string whyNot) => new() { WhyNot = whyNot };
}
