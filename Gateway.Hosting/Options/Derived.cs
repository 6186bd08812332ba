namespace Xmtp.Gateway.Hosting.Options;

/// <summary>A value that is made from a source, and made again when the source is another object. Thread-safe.</summary>
/// <remarks>Two threads may make it at the same time; either value is as good.</remarks>
/// <param name="source">Reads the source, such as the value of options; called at each read.</param>
/// <param name="make">Makes the value. What it throws goes to the reader, and the next read tries again.</param>
internal sealed class Derived<TSource, T>(Func<TSource> source, Func<TSource, T> make)
    where TSource : class
{
    private volatile Made? _made;

    /// <summary>The value for the source as it is now.</summary>
    internal T Value
    {
        get
        {
            var now = source();
            if (_made is { } made && ReferenceEquals(made.From, now)) return made.Value;
            return (_made = new Made(now, make(now))).Value;
        }
    }

    private sealed record Made(TSource From, T Value);
}
