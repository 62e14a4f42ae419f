using NUnit.Framework.Constraints;

namespace MlOps.Sdk.Testing;

/// <summary>
/// Holds numbers to have the same bits as others. Equal ones are compared as fast as memory, which matters for millions of them; the
/// first that differ are shown as numbers.
/// </summary>
internal sealed class SameBits : Constraint
{
    private readonly ExactNumber[] _expected;

    private SameBits(ExactNumber[] expected)
        : base(expected) => _expected = expected;

    public override string Description => "the same bits";

    public static SameBits As(ExactNumber[] expected) => new(expected);

    public override ConstraintResult ApplyTo<TActual>(TActual actual) =>
        actual is ExactNumber[] numbers && numbers.AsSpan().SequenceEqual(_expected)
            ? new ConstraintResult(this, actual, isSuccess: true)
            : new EqualConstraint(_expected).ApplyTo(actual);
}
