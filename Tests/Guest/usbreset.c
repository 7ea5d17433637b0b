/* Resets a device's port, as a driver does that has lost it: usbreset /dev/bus/usb/BUS/DEVICE */
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int count, char **arguments) {
  int device = count == 2 ? open(arguments[1], O_WRONLY) : -1;
  if (device >= 0 && ioctl(device, USBDEVFS_RESET, 0) == 0) return 0;
  perror("usbreset");
  return 1;
}
