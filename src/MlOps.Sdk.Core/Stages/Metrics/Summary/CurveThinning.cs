namespace MlOps.Sdk.Metrics;

/// <summary>Keeps some points of a curve: of those that lie in one of equal parts along it, the last.</summary>
/// <param name="first">A point before all others; <see langword="null"/> for none.</param>
/// <param name="last">A point that the curve ends at in any case; <see langword="null"/> for none.</param>
/// <param name="most">How many points there may be.</param>
/// <param name="along">How far along the curve a point is, 0 to 1; it never falls from point to point.</param>
internal sealed class CurveThinning(CurvePoint? first, CurvePoint? last, int most, Func<CurvePoint, double> along)
{
    private readonly List<CurvePoint> _points = first is null ? [] : [first];
    private int _part = -1;

    public void Add(CurvePoint point)
    {
        var part = (int)(along(point) * (most - 2));
        if (part == _part) _points[^1] = point;
        else _points.Add(point);
        _part = part;
    }

    public CurvePoint[] End()
    {
        if (last is not null && _points[^1] != last) _points[^1] = last;
        return [.. _points];
    }
}
