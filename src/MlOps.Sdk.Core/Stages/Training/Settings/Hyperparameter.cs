using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Training;

/// <summary>
/// A setting of a trainer that a search may vary: a <see cref="NumberHyperparameter"/>, an <see cref="IntegerHyperparameter"/>, a
/// <see cref="BooleanHyperparameter"/> or a <see cref="ChoiceHyperparameter"/>. Immutable and thread-safe.
/// </summary>
public abstract record Hyperparameter
{
    private protected Hyperparameter(string name, HyperparameterValue @default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Default = @default;
    }

    /// <summary>The name, unique for the trainer.</summary>
    public string Name { get; }

    /// <summary>The value that is used by default.</summary>
    public HyperparameterValue Default { get; init; }

    /// <summary>What values are allowed, as the end of a sentence, for example <c>a whole number from 1 to 10</c>.</summary>
    public abstract string Domain { get; }

    /// <summary>
    /// The hyperparameters that an options class has: a property of type <see cref="double"/> or <see cref="int"/> with a
    /// <see cref="System.ComponentModel.DataAnnotations.RangeAttribute"/>, <see cref="bool"/> or an enumeration is one, under its name with
    /// a small first letter. The object's values are the defaults.
    /// </summary>
    /// <typeparam name="TOptions">The options class.</typeparam>
    /// <param name="options">The options of a trainer.</param>
    /// <exception cref="MlOpsException">Values are out of their range; the message names all of them.</exception>
    /// <exception cref="ArgumentException">A number has no range.</exception>
    public static IReadOnlyList<Hyperparameter> ListOf<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(TOptions options)
        where TOptions : class => OptionsSchema<TOptions>.List(options);

    /// <summary>The hyperparameter that belongs to a property of an options class, with the default of the class.</summary>
    /// <typeparam name="THyperparameter">The kind of the hyperparameter.</typeparam>
    /// <typeparam name="TOptions">The options class.</typeparam>
    /// <param name="property">The name of the property.</param>
    /// <exception cref="ArgumentException">There is no such property, or it is of another kind.</exception>
    public static THyperparameter Of<
        THyperparameter,
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>(string property)
        where THyperparameter : Hyperparameter
        where TOptions : class, new() => OptionsSchema<TOptions>.Of(property, new TOptions()) as THyperparameter
        ?? throw new ArgumentException($"{typeof(TOptions).Name}.{property} is not of the type " +
            $"{typeof(THyperparameter).Name}.", nameof(property));

    /// <summary>Returns the value, in this kind's form, when it is allowed.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="MlOpsException">The value is not allowed.</exception>
    public HyperparameterValue Check(HyperparameterValue value) => TryRead(value, out var read)
        ? read
        : throw new MlOpsException($"The hyperparameter '{Name}' cannot be {value}.", $"It is {Domain}; the default is {Default}.");

    /// <summary>Reads a value, and says whether it is allowed.</summary>
    private protected abstract bool TryRead(HyperparameterValue value, out HyperparameterValue read);

    /// <summary>Whether a default lies in the domain, for the constructors.</summary>
    private protected void CheckDefault()
    {
        if (!TryRead(Default, out _)) throw new ArgumentException($"The default {Default} of the hyperparameter '{Name}' is not {Domain}.");
    }
}
