using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

/// <summary>Changes one place after the other in code of which all is reached: none may go unseen.</summary>
[TestFixture]
public sealed class UserCodeMutationTests
{
    private const string Source = """
        public static class App
        {
            public static object Root() => new Step();
        }

        public sealed class Step : IComparer<double>
        {
            private readonly Func<double, double> _scale;
            private static readonly int[] Weights = { 3, 1, 4, 1, 5, 9, 2, 6 };

            public Step() => _scale = x => x * 0.75 + Bias(x, 12);

            public int Compare(double a, double b)
            {
                var left = Scores(a).Where(x => x > 0.5).Sum(x => x * 2);
                var right = AllAsync(b).GetAwaiter().GetResult();
                if (left < right - 1e-3) return -7;
                return Text(left) == Text(right) ? 0 : Kinds.Of(right).Rank + Local(2);

                int Local(int depth) => depth > 30 ? depth - 1 : Local(depth + 11) * 3;
            }

            public override string ToString() => $"step {_scale(17):F2} of {nameof(Step)}";

            private static double Bias(double x, int n)
            {
                var sum = 0.25;
                for (var i = 1; i < n; i++) sum += i % 2 == 0 ? x / i : -x;
                try { return checked((long)sum) >> 2; }
                catch (OverflowException) when (sum >= 1000) { return 8.5; }
                finally { Console.WriteLine("biased"); }
            }

            private static IEnumerable<double> Scores(double x)
            {
                yield return x + 13;
                foreach (var weight in Table.All) yield return weight * 1.5;
            }

            private static async Task<double> AllAsync(double x)
            {
                await Task.Delay(14);
                var pair = new Pair<int>(15, "pair") with { Name = "renamed" };
                Func<Task<double>> inner = async () => { await Task.Yield(); return x - 16; };
                return await inner() + pair.Size + pair.Name.Length;
            }

            private static string Text(double x) => x switch
            {
                > 100 and <= 200 => "hundreds",
                < 18 or 19 => "few",
                double.NaN => "none",
                _ => x.ToString("F3"),
            };
        }

        public record Pair<T>(T Size, string Name)
        {
            public virtual bool Equals(Pair<T>? other) => other is not null && other.Name.Length == Name.Length + 20;
            public override int GetHashCode() => 21;
        }

        public static class Table
        {
            public static IEnumerable<int> All => Enumerable.Range(22, 23).Select(Kinds.Double);
        }

        public struct Kind
        {
            public int Rank;
            public static Kind operator ^(Kind a, Kind b) => new Kind { Rank = a.Rank - 24 > b.Rank ? 25 : 28 };
        }

        public static class Kinds
        {
            static Kinds() { Console.WriteLine("kinds"); }
            public static int Double(int x) => x << 1;
            public static Kind Of(double x) =>
                (new Kind { Rank = 26 } ^ new Kind { Rank = (int)x | 27 }).Rank > 29 ? default : new Kind { Rank = Name(x).Length };
            private static string Name(double x) => x.ToString() switch
            {
                "1" => "one", "2" => "two", "3" => "three", "4" => "four", "5" => "five", "6" => "six", "7" => "seven", _ => "many",
            };
        }
        """;

    private static readonly Dictionary<SyntaxKind, SyntaxKind> Operators = new()
    {
        [SyntaxKind.PlusToken] = SyntaxKind.MinusToken,
        [SyntaxKind.AsteriskToken] = SyntaxKind.SlashToken,
        [SyntaxKind.SlashToken] = SyntaxKind.AsteriskToken,
        [SyntaxKind.GreaterThanToken] = SyntaxKind.GreaterThanEqualsToken,
        [SyntaxKind.LessThanToken] = SyntaxKind.LessThanEqualsToken,
        [SyntaxKind.GreaterThanEqualsToken] = SyntaxKind.GreaterThanToken,
        [SyntaxKind.LessThanEqualsToken] = SyntaxKind.LessThanToken,
        [SyntaxKind.EqualsEqualsToken] = SyntaxKind.ExclamationEqualsToken,
        [SyntaxKind.LessThanLessThanToken] = SyntaxKind.GreaterThanGreaterThanToken,
        [SyntaxKind.BarToken] = SyntaxKind.AmpersandToken,
        [SyntaxKind.PercentToken] = SyntaxKind.PlusToken,
    };

    [Test]
    public void OfObject_AnyReachedPlaceChanges_GivesAnother()
    {
        var before = BuiltApp.ReachOf(Source);
        Assert.That(before.Forced, Is.Null);
        var tree = CSharpSyntaxTree.ParseText(Source, new CSharpParseOptions(LanguageVersion.Latest));
        var places = tree.GetRoot().DescendantTokens().Where(token => Mutate(token) is not null).ToArray();
        Assert.That(places, Has.Length.GreaterThan(90));
        new Random(14).Shuffle(places);

        Assert.Multiple(() =>
        {
            foreach (var place in places.Take(LongForm.Of(places.Length, 8)))
            {
                var line = place.GetLocation().GetLineSpan().StartLinePosition.Line;
                var changed = Source[..place.SpanStart] + Mutate(place) + Source[place.Span.End..];

                // The value of a static field is described beside the code. Two patterns may come to cover each other, which is an error.
                if (place.Parent?.FirstAncestorOrSelf<FieldDeclarationSyntax>() is not null) continue;
                if (place.Parent?.FirstAncestorOrSelf<PatternSyntax>() is RelationalPatternSyntax or ConstantPatternSyntax) continue;
                Assert.That(
                    BuiltApp.ReachOf(changed).Digest,
                    Is.Not.EqualTo(before.Digest),
                    $"'{place}' in line {line}: {changed.Split('\n')[line].Trim()}");
            }
        });
    }

    private static string? Mutate(SyntaxToken token) => token.Kind() switch
    {
        SyntaxKind.NumericLiteralToken when token.Text.Contains('e', StringComparison.Ordinal) => "2e-3",
        SyntaxKind.NumericLiteralToken when token.Value is double number => (number + 0.125).ToString("F3", CultureInfo.InvariantCulture),
        SyntaxKind.NumericLiteralToken => token.Text + "3",
        SyntaxKind.StringLiteralToken => token.Text[..^1] + "!\"",
        SyntaxKind.InterpolatedStringTextToken when token.Parent is InterpolatedStringTextSyntax => token.Text + "!",
        var kind when token.Parent is BinaryExpressionSyntax or RelationalPatternSyntax && Operators.TryGetValue(kind, out var other) =>
            SyntaxFacts.GetText(other),
        _ => null,
    };
}
