using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>The values that a search tries for a trainer's hyperparameters. Those not named keep their default. Not thread-safe.</summary>
/// <remarks>
/// Hyperparameters are named by the trainer's handles, for example <see cref="GradientBoosting.Leaves"/>, or by their names. Every method
/// checks its values against the trainer's bounds when it is called and throws an <see cref="MlOpsException"/> that names what is allowed.
/// </remarks>
public sealed class SearchSpace
{
    private readonly string _trainer;
    private readonly IReadOnlyList<Hyperparameter> _hyperparameters;
    private readonly SortedDictionary<string, SearchDimension> _dimensions = new(StringComparer.Ordinal);

    internal SearchSpace(ITrainerInfo trainer)
    {
        _trainer = trainer.Name;
        _hyperparameters = trainer.Hyperparameters;
    }

    internal IReadOnlyDictionary<string, SearchDimension> Dimensions => _dimensions;

    /// <summary>Whether nothing varies.</summary>
    internal bool IsEmpty => _dimensions.Values.All(dimension => dimension.IsFixed);

    /// <summary>Draws evenly between two bounds.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    /// <param name="from">The lower bound.</param>
    /// <param name="to">The upper bound, not below the lower.</param>
    public SearchSpace Uniform(NumberHyperparameter hyperparameter, double from, double to) => Uniform(NameOf(hyperparameter), from, to);

    /// <summary>Draws evenly between two bounds.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="from">The lower bound.</param>
    /// <param name="to">The upper bound, not below the lower.</param>
    public SearchSpace Uniform(string name, double from, double to) => Range(name, from, to, isLog: false, isInteger: false);

    /// <summary>Draws between two bounds so that every order of magnitude is equally likely.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    /// <param name="from">The lower bound, above 0.</param>
    /// <param name="to">The upper bound, not below the lower.</param>
    public SearchSpace LogUniform(NumberHyperparameter hyperparameter, double from, double to) =>
        LogUniform(NameOf(hyperparameter), from, to);

    /// <summary>Draws between two bounds so that every order of magnitude is equally likely.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="from">The lower bound, above 0.</param>
    /// <param name="to">The upper bound, not below the lower.</param>
    public SearchSpace LogUniform(string name, double from, double to) => Range(name, from, to, isLog: true, isInteger: false);

    /// <summary>Draws whole numbers evenly.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    /// <param name="from">The smallest value.</param>
    /// <param name="to">The largest value, drawn too.</param>
    public SearchSpace Integer(IntegerHyperparameter hyperparameter, int from, int to) => Integer(NameOf(hyperparameter), from, to);

    /// <summary>Draws whole numbers evenly.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="from">The smallest value.</param>
    /// <param name="to">The largest value, drawn too.</param>
    public SearchSpace Integer(string name, int from, int to) => Range(name, from, to, isLog: false, isInteger: true);

    /// <summary>Draws whole numbers so that every order of magnitude is equally likely.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    /// <param name="from">The smallest value, above 0.</param>
    /// <param name="to">The largest value, drawn too.</param>
    public SearchSpace LogInteger(IntegerHyperparameter hyperparameter, int from, int to) => LogInteger(NameOf(hyperparameter), from, to);

    /// <summary>Draws whole numbers so that every order of magnitude is equally likely.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="from">The smallest value, above 0.</param>
    /// <param name="to">The largest value, drawn too.</param>
    public SearchSpace LogInteger(string name, int from, int to) => Range(name, from, to, isLog: true, isInteger: true);

    /// <summary>Draws true or false.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    public SearchSpace Boolean(BooleanHyperparameter hyperparameter) => Boolean(NameOf(hyperparameter));

    /// <summary>Draws true or false.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    public SearchSpace Boolean(string name) => Choice(name, false, true);

    /// <summary>Draws one of some values.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    /// <param name="values">The values, each equally likely.</param>
    public SearchSpace Choice(Hyperparameter hyperparameter, params HyperparameterValue[] values) => Choice(NameOf(hyperparameter), values);

    /// <summary>Draws one of some values.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="values">The values, each equally likely.</param>
    public SearchSpace Choice(string name, params HyperparameterValue[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length == 0) throw new MlOpsException($"The choice for '{name}' has no values.", "Name at least one value.");
        var hyperparameter = Find(name);
        return Add(name, new SearchDimension.OneOf(Array.ConvertAll(values, hyperparameter.Check)));
    }

    /// <summary>Sets a value for all trials, the first included.</summary>
    /// <param name="hyperparameter">The hyperparameter.</param>
    /// <param name="value">The value.</param>
    public SearchSpace Fix(Hyperparameter hyperparameter, HyperparameterValue value) => Fix(NameOf(hyperparameter), value);

    /// <summary>Sets a value for all trials, the first included.</summary>
    /// <param name="name">The name of the hyperparameter.</param>
    /// <param name="value">The value.</param>
    public SearchSpace Fix(string name, HyperparameterValue value) => Choice(name, value);

    /// <summary>The trainer's defaults, with what is fixed.</summary>
    internal static IReadOnlyDictionary<string, HyperparameterValue> Defaults(ITrainerInfo trainer, SearchSpace? space)
    {
        var values = new SortedDictionary<string, HyperparameterValue>(StringComparer.Ordinal);
        foreach (var hyperparameter in trainer.Hyperparameters) values[hyperparameter.Name] = hyperparameter.Default;
        foreach (var (name, dimension) in space?._dimensions ?? [])
        {
            if (dimension.IsFixed) values[name] = dimension.Draw(0);
        }

        return values;
    }

    /// <summary>The values of a trial: they follow from seed, candidate and trial alone, and each hyperparameter's from its name.</summary>
    internal IReadOnlyDictionary<string, HyperparameterValue> Sample(int seed, int candidate, int trial)
    {
        var values = new SortedDictionary<string, HyperparameterValue>(StringComparer.Ordinal);
        foreach (var hyperparameter in _hyperparameters) values[hyperparameter.Name] = hyperparameter.Default;
        foreach (var (name, dimension) in _dimensions)
        {
            var key = SeededRandom.For(seed, candidate, trial).NextBits();
            foreach (var letter in name) key = SeededRandom.Mix(key + letter);
            values[name] = dimension.Draw(SeededRandom.For(key).NextDouble());
        }

        return values;
    }

    private static string NameOf(Hyperparameter hyperparameter)
    {
        ArgumentNullException.ThrowIfNull(hyperparameter);
        return hyperparameter.Name;
    }

    private SearchSpace Range(string name, double from, double to, bool isLog, bool isInteger)
    {
        var hyperparameter = Find(name);
        if (hyperparameter is not (NumberHyperparameter or IntegerHyperparameter))
        {
            throw new MlOpsException($"The hyperparameter '{name}' is {hyperparameter.Domain}, not a number.", "Use Choice or Boolean.");
        }
        if (!(from <= to))
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The search for '{name}' goes from {from} to {to}."),
                "Put the lower bound first.");
        }
        if (isLog && from <= 0)
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The search for '{name}' starts at {from} on a logarithmic scale."),
                "Start above 0, or use Uniform or Integer.");
        }
        if (!isInteger && hyperparameter is IntegerHyperparameter && from < to)
        {
            throw new MlOpsException($"The hyperparameter '{name}' accepts only integers.", isLog ? "Use LogInteger." : "Use Integer.");
        }
        hyperparameter.Check(from);
        hyperparameter.Check(to);
        return Add(name, new SearchDimension.Range(from, to, isLog, isInteger));
    }

    private SearchSpace Add(string name, SearchDimension dimension) => _dimensions.TryAdd(name, dimension)
        ? this
        : throw new MlOpsException(
            $"The hyperparameter '{name}' of the trainer '{_trainer}' is named twice.",
            "Name each hyperparameter once.");

    private Hyperparameter Find(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return _hyperparameters.FirstOrDefault(hyperparameter => hyperparameter.Name == name)
            ?? throw new MlOpsException(
                $"The trainer '{_trainer}' has no hyperparameter '{name}'.",
                _hyperparameters.Count == 0
                    ? "It has none."
                    : $"It has {string.Join(", ", _hyperparameters.Select(hyperparameter => hyperparameter.Name))}.");
    }
}
