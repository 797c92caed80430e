# To be read by a script with $work, an empty folder, in a mount namespace of its own: makes a copy of this
# system, $root, which is gone when the namespace is.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
