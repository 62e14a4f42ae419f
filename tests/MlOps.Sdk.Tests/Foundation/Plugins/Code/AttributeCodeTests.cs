using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>What attributes name is run by whoever looks at them.</summary>
[TestFixture]
public sealed class AttributeCodeTests
{
    private const string Deserialize = "x => System.Text.Json.JsonSerializer.Deserialize<Quote>(\"{}\")!.Price";
    private const string Converter =
        "class RateConverter : System.Text.Json.Serialization.JsonConverter<double> { " +
        "public override double Read(ref System.Text.Json.Utf8JsonReader r, Type t, System.Text.Json.JsonSerializerOptions o) => " +
        "r.GetDouble() * 41; " +
        "public override void Write(System.Text.Json.Utf8JsonWriter w, double v, System.Text.Json.JsonSerializerOptions o) { } } ";

    private const string Validate =
        "x => { var q = new Quote(); return System.ComponentModel.DataAnnotations.Validator.TryValidateObject(q, " +
        "new System.ComponentModel.DataAnnotations.ValidationContext(q), null, true); }";

    private const string Describe = "x => System.ComponentModel.TypeDescriptor.GetConverter(typeof(Quote)).ConvertFrom(\"1\")!";
    private const string Conversion =
        "class QuoteConverter : System.ComponentModel.TypeConverter { public override object ConvertFrom(" +
        "System.ComponentModel.ITypeDescriptorContext? c, System.Globalization.CultureInfo? i, object v) => 41; } ";

    [TestCase(
        Deserialize,
        Converter + "class Quote { [System.Text.Json.Serialization.JsonConverter(typeof(RateConverter))] " +
        "public double Price { get; set; } }",
        TestName = "converter of a property")]
    [TestCase(
        Deserialize,
        Converter + "record Quote([property: System.Text.Json.Serialization.JsonConverter(typeof(RateConverter))] double Price);",
        TestName = "converter of a property of a record")]
    [TestCase(
        Validate,
        "class Fair : System.ComponentModel.DataAnnotations.ValidationAttribute { public override bool IsValid(object? v) => " +
        "v is > 41.0; } class Quote { [Fair] public double Price { get; set; } }",
        TestName = "attribute that validates")]
    [TestCase(
        Validate,
        "class Fair : System.ComponentModel.DataAnnotations.ValidationAttribute { public double Most { get; set => field = value * 41; } " +
        "public override bool IsValid(object? v) => v is double d && d < Most; } " +
        "class Quote { [Fair(Most = 3)] public double Price { get; set; } }",
        TestName = "property of an attribute")]
    [TestCase(
        Validate,
        "class Fair : System.ComponentModel.DataAnnotations.ValidationAttribute { double _most; public Fair(double most) => " +
        "_most = most + 41; public override bool IsValid(object? v) => v is double d && d < _most; } " +
        "class Quote { [Fair(3)] public double Price { get; set; } }",
        TestName = "constructor of an attribute")]
    [TestCase(
        Validate,
        "static class Rule { public static System.ComponentModel.DataAnnotations.ValidationResult? Go(double x, " +
        "System.ComponentModel.DataAnnotations.ValidationContext c) => x > 41 ? null : new(\"no\"); } class Quote { " +
        "[System.ComponentModel.DataAnnotations.CustomValidation(typeof(Rule), \"Go\")] public double Price { get; set; } }",
        TestName = "method that an attribute names")]
    [TestCase(
        Describe, Conversion + "[System.ComponentModel.TypeConverter(typeof(QuoteConverter))] class Quote;",
        TestName = "converter of a type")]
    [TestCase(
        Describe, Conversion + "[System.ComponentModel.TypeConverter(\"QuoteConverter, App\")] class Quote;",
        TestName = "converter of a type by its name")]
    [TestCase(
        Deserialize,
        "[System.Text.Json.Serialization.JsonDerivedType(typeof(Special), \"s\")] class Quote { public virtual double Price => 1; } " +
        "class Special : Quote { public override double Price => 41; }",
        TestName = "derived type")]
    [TestCase(
        "x => System.Text.Json.JsonSerializer.Serialize(new Quote())",
        "class Kinds : Attribute { public Kinds(params Type[] types) { } } class Kind { public static int Go() => 41; } " +
        "[Kinds(typeof(int), typeof(Kind))] class Quote { public double Price { get; set; } }",
        TestName = "types in an array")]
    [TestCase(
        "x => System.Text.Json.JsonSerializer.Serialize(new Quote(1))",
        "class Given : Attribute { public Given(int most) { } } class Quote { public Quote([Given(41)] double price) { } }",
        TestName = "attribute of a parameter")]
    [TestCase(
        "x => System.Text.Json.JsonSerializer.Serialize(new Quote())",
        "class Given : Attribute { public Given(int most) { } } class Quote { [field: Given(41)] public double Price { get; set; } }",
        TestName = "attribute of the field of a property")]
    public void OfMethod_CodeOfAnAttributeChanges_GivesAnother(string lambda, string members)
    {
        var source = BuiltApp.Source(lambda, members);
        var before = BuiltApp.ReachOf(source);

        Assert.Multiple(() =>
        {
            Assert.That(before.Forced, Is.Null);
            Assert.That(before.Opaque, Is.Null);
            Assert.That(
                BuiltApp.ReachOf(source.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.Not.EqualTo(before.Digest));
            Assert.That(BuiltApp.ReachOf("class Early { Func<int> f = () => 4; }" + source).Digest, Is.EqualTo(before.Digest));
        });
    }

    [Test]
    public void OfMethod_NamespaceThatAnAssemblyGivesToAContractChanges_GivesAnother()
    {
        const string Source = "[assembly: System.Runtime.Serialization.ContractNamespace(\"41\", ClrNamespace = \"Quotes\")] " +
            "public static class App { public static object Root() => (Func<double, object>)(x => " +
            "new System.Runtime.Serialization.DataContractSerializer(typeof(Quotes.Quote))); } " +
            "namespace Quotes { public class Quote { public double Price; } }";
        var before = BuiltApp.ReachOf(Source);

        Assert.Multiple(() =>
        {
            Assert.That(before.Forced, Is.Null);
            Assert.That(
                BuiltApp.ReachOf(Source.Replace("41", "42", StringComparison.Ordinal)).Digest, Is.Not.EqualTo(before.Digest));
            Assert.That(BuiltApp.ReachOf("[assembly: CLSCompliant(false)]" + Source).Digest, Is.EqualTo(before.Digest));
        });
    }

    // Neither the walk nor the id of a module tells what the code of such an attribute reads.
    [Test]
    public void OfMethod_AttributeOfTheAssemblyIsRead_IsOpaque() => Assert.That(
        BuiltApp.ReachOfLambda("x => typeof(App).Assembly.GetCustomAttributes(false)").Opaque,
        Does.Contain("Assembly.GetCustomAttributes"));
}
