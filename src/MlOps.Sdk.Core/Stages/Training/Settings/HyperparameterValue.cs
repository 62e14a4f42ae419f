using System.Globalization;
using System.Text.Json.Serialization;

namespace MlOps.Sdk.Training;

/// <summary>
/// The value of a hyperparameter: a number, a boolean or the name of a choice. As JSON it is a number, <c>true</c> or <c>false</c>, or a
/// text. The default is the number 0.
/// </summary>
[JsonConverter(typeof(HyperparameterValueConverter))]
public readonly record struct HyperparameterValue : IFormattable
{
    private readonly double _number;
    private readonly string? _text;
    private readonly bool _isBoolean;

    private HyperparameterValue(double number, string? text, bool isBoolean)
    {
        _number = number;
        _text = text;
        _isBoolean = isBoolean;
    }

    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => _text is null && !_isBoolean;

    /// <summary>Whether it is a boolean.</summary>
    public bool IsBoolean => _isBoolean;

    /// <summary>Whether it is the name of a choice.</summary>
    public bool IsText => _text is not null;

    /// <summary>The value of a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator HyperparameterValue(double value) => new(value, null, false);

    /// <summary>The value of a boolean.</summary>
    /// <param name="value">The boolean.</param>
    public static implicit operator HyperparameterValue(bool value) => new(value ? 1 : 0, null, true);

    /// <summary>The value of a choice.</summary>
    /// <param name="value">The name of the choice.</param>
    public static implicit operator HyperparameterValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new(0, value, false);
    }

    /// <summary>The number, see <see cref="AsNumber"/>.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator double(HyperparameterValue value) => value.AsNumber();

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">It is not a number.</exception>
    public double AsNumber() => IsNumber ? _number : throw Not("a number");

    /// <summary>The whole number.</summary>
    /// <exception cref="InvalidOperationException">It is not a whole number that an <see cref="int"/> can hold.</exception>
    public int AsInteger() => IsNumber && _number == Math.Floor(_number) && _number is >= int.MinValue and <= int.MaxValue
        ? (int)_number
        : throw Not("a whole number");

    /// <summary>The boolean.</summary>
    /// <exception cref="InvalidOperationException">It is not a boolean.</exception>
    public bool AsBoolean() => _isBoolean ? _number != 0 : throw Not("a boolean");

    /// <summary>The name of the choice.</summary>
    /// <exception cref="InvalidOperationException">It is not a choice.</exception>
    public string AsText() => _text ?? throw Not("the name of a choice");

    /// <summary>The value as text, the same in every culture.</summary>
    public override string ToString() => _text ?? (_isBoolean
        ? _number != 0 ? "true" : "false"
        : _number.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The value as text; a number in the format and culture, anything else as it is.</summary>
    /// <param name="format">A format of numbers.</param>
    /// <param name="formatProvider">The culture.</param>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        IsNumber && format is not null ? _number.ToString(format, formatProvider) : ToString();

    private InvalidOperationException Not(string what) => new($"The value {this} is not {what}.");
}
