using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace MlOps.Sdk.Training;

/// <summary>Which properties of an options class are hyperparameters, and how values get into and out of it.</summary>
internal static class OptionsSchema<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TOptions>
    where TOptions : class
{
    private static readonly PropertyInfo[] s_properties =
    [
        .. typeof(TOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property is { CanRead: true, CanWrite: true } && IsSetting(property.PropertyType))
            .OrderBy(property => property.MetadataToken),
    ];

    /// <summary>The hyperparameters, with the object's values as defaults.</summary>
    public static IReadOnlyList<Hyperparameter> List(TOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var mistakes = new List<string>();
        var list = new List<Hyperparameter>(s_properties.Length);
        foreach (var property in s_properties)
        {
            var range = property.GetCustomAttribute<RangeAttribute>();
            if (range is not null && !range.IsValid(property.GetValue(options)))
            {
                mistakes.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{property.Name} is {property.GetValue(options)} and must be from {range.Minimum} to {range.Maximum}."));
                continue;
            }

            list.Add(Describe(property, options, range));
        }

        return mistakes.Count == 0
            ? list
            : throw new MlOpsException(
                $"The options {typeof(TOptions).Name} are invalid: {string.Join(" ", mistakes)}", "Correct them all.");
    }

    /// <summary>The hyperparameter of a property, with the default of the class.</summary>
    public static Hyperparameter Of(string property, TOptions defaults)
    {
        var found = Array.Find(s_properties, candidate => candidate.Name == property)
            ?? throw new ArgumentException($"{typeof(TOptions).Name} has no setting '{property}'.", nameof(property));
        return Describe(found, defaults, found.GetCustomAttribute<RangeAttribute>());
    }

    /// <summary>Copies options, and sets what the parameters name.</summary>
    public static void Read(TOptions from, TOptions to, IReadOnlyDictionary<string, HyperparameterValue> parameters)
    {
        foreach (var property in typeof(TOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            if (property is { CanRead: true, CanWrite: true } && property.GetIndexParameters().Length == 0)
            {
                property.SetValue(to, property.GetValue(from));
            }
        }

        foreach (var property in s_properties)
        {
            if (!parameters.TryGetValue(NameOf(property), out var given)) continue;
            var value = Describe(property, from, property.GetCustomAttribute<RangeAttribute>()).Check(given);
            property.SetValue(to, property.PropertyType switch
            {
                var type when type == typeof(double) => value.AsNumber(),
                var type when type == typeof(int) => value.AsInteger(),
                var type when type == typeof(bool) => value.AsBoolean(),
                var type => Enum.Parse(type, value.AsText(), ignoreCase: true),
            });
        }
    }

    private static Hyperparameter Describe(PropertyInfo property, TOptions options, RangeAttribute? range)
    {
        var name = NameOf(property);
        var value = property.GetValue(options)!;
        if (value is bool flag) return new BooleanHyperparameter(name, flag);
        if (value is Enum)
        {
            return new ChoiceHyperparameter(
                name,
                JsonNamingPolicy.CamelCase.ConvertName(value.ToString()!),
                Enum.GetNames(property.PropertyType).Select(JsonNamingPolicy.CamelCase.ConvertName));
        }
        if (range is null || range.OperandType != property.PropertyType)
        {
            throw new ArgumentException(
                $"{typeof(TOptions).Name}.{property.Name} has no [Range] of its type {property.PropertyType.Name}, " +
                    "which defines the allowed values.");
        }
        return value is int whole
            ? new IntegerHyperparameter(
                name,
                whole,
                Convert.ToInt32(range.Minimum, CultureInfo.InvariantCulture),
                Convert.ToInt32(range.Maximum, CultureInfo.InvariantCulture))
            : new NumberHyperparameter(
                name,
                (double)value,
                Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture),
                Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
    }

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static bool IsSetting(Type type) => type == typeof(double) || type == typeof(int) || type == typeof(bool) || type.IsEnum;
}
