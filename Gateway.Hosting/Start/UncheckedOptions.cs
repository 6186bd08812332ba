using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>Options as they are, faults and all: the start checks look at the parts that are right even when others are not.</summary>
internal sealed class UncheckedOptions<T>(IEnumerable<IConfigureOptions<T>> configure, IEnumerable<IPostConfigureOptions<T>> after)
    where T : class
{
    /// <summary>The options, bound and not validated.</summary>
    public T Value { get; } = new OptionsFactory<T>(configure, after).Create(Microsoft.Extensions.Options.Options.DefaultName);
}
